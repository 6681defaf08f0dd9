#!/bin/sh
# Every file of /etc/ipmasq/rules in order; a .rul is the administrator's own version of the .def.
IPCHAINS=/sbin/ipchains
RULES=/etc/ipmasq/rules

# ipnm_cache INTERFACE: sets IPADDR, NETMASK and NETWORK.
ipnm_cache () {
	set -- `ifconfig $1 | sed -n 's/.*inet addr:\([0-9.]*\).*Mask:\([0-9.]*\).*/\1 \2/p'`
	IPADDR=$1 NETMASK=$2
	NETWORK=`echo $IPADDR.$NETMASK | awk -F. '{
		# Each byte is 256 minus a power of two, or 255, or 0.
		for (i = 1; i <= 4; i++) {
			size = 256 - $(i + 4)
			printf "%s%d", (i > 1 ? "." : ""), int($i / size) * size
		}
	}'`
}

# No DHCP here: the router is always this one.
route -n | grep -q '^0\.0\.0\.0' || route add default gw 203.0.113.1

for c in input output forward; do
	$IPCHAINS --no-warnings -P $c DENY
	$IPCHAINS --no-warnings -F $c
done
$IPCHAINS --no-warnings -A input -j ACCEPT -i lo
$IPCHAINS --no-warnings -A output -j ACCEPT -i lo
for file in $RULES/*.def; do
	own=`echo $file | sed 's/def$/rul/'`
	if [ -e $own ]; then . $own; else . $file; fi
done
echo "1" > /proc/sys/net/ipv4/ip_forward
