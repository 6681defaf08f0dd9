#!/bin/sh
# One script for the 2.0 and the 2.2 machines: what is there is used.

kernel=`uname -r | cut -b 1-3`
tool=
if [ "$kernel" = "2.2" ] && [ -f /proc/net/ip_fwchains ] && [ -x /sbin/ipchains ]; then
	tool=ipchains
elif [ -f /proc/net/ip_input -a -x /sbin/ipfwadm ]; then
	tool=ipfwadm
else
	echo "kernel `uname -r` can't filter" >&2
fi

case $tool in
ipchains)
	# Is somebody's firewall there already?
	if [ `wc -l < /proc/net/ip_fwchains` -gt 0 ]; then
		echo "There are rules already:"; cat /proc/net/ip_fwchains
		exit 1
	fi
	if [ `grep -c . /proc/net/ip_fwnames` -ne 3 ]; then
		echo "There are chains already"
		exit 1
	fi
	ipchains -P forward DENY
	ipchains -A forward -j MASQ -s 10.1.0.0/16 -d ! 10.1.0.0/16
	ipchains -A input -j DENY -s ! 10.1.0.0/16 -i eth0 -l
	;;
ipfwadm)
	ipfwadm -F -p deny
	ipfwadm -F -a m -S 10.1.0.0/16 -D 0.0.0.0/0
	ipfwadm -I -a deny -W eth1 -S 10.1.0.0/16 -o
	;;
*)
	exit 1
	;;
esac

if grep -q 0A010000 /proc/net/ip_fwchains; then
	echo 1 > /proc/sys/net/ipv4/ip_forward
	[ -f /proc/sys/net/ipv4/ip_always_defrag ] && echo 1 > /proc/sys/net/ipv4/ip_always_defrag
fi
