#!/bin/sh
#
# rc.firewall for a home machine with a modem; called from rc.local and again from ip-up, since
# the address is another one each time.
#

EXT_IF=ppp0
IPCHAINS=/sbin/ipchains

# Our address, as ifconfig knows it.
EXT_IP=`/sbin/ifconfig $EXT_IF | grep inet | cut -d: -f2 | cut -d' ' -f1`
if [ -z "$EXT_IP" ]; then
	echo "$EXT_IF is down, nothing to protect"
	exit 0
fi

echo -n "Firewall for $EXT_IP: "

$IPCHAINS -F input
$IPCHAINS -F output
$IPCHAINS -F forward
$IPCHAINS -P input DENY
$IPCHAINS -P output ACCEPT
$IPCHAINS -P forward DENY

# lo
$IPCHAINS -A input -i lo -j ACCEPT

# answers
$IPCHAINS -A input -i $EXT_IF -p tcp ! -y -d $EXT_IP 1024: -j ACCEPT
echo -n "tcp "

for ns in `grep '^nameserver' /etc/resolv.conf | awk '{print $2}'`
do
	$IPCHAINS -A input -i $EXT_IF -p udp -s $ns 53 -d $EXT_IP 1024:65535 -j ACCEPT
	$IPCHAINS -A input -i $EXT_IF -p tcp ! -y -s $ns 53 -d $EXT_IP 1024:65535 -j ACCEPT
done
echo -n "dns "

# identd is off, but say so: mail servers wait for it otherwise
$IPCHAINS -A input -i $EXT_IF -p tcp -d $EXT_IP 113 -j REJECT

# no pings, but errors
for t in 0 3 4 11 12; do
	$IPCHAINS -A input -i $EXT_IF -p icmp -s 0/0 $t -d $EXT_IP -j ACCEPT
done
echo -n "icmp "

$IPCHAINS -A input -i $EXT_IF -l -j DENY
echo "done."
