#!/bin/sh
# Everything about eth0 from ifconfig, so that the same file does on all machines of the department.
if [ -x /sbin/ifconfig ]; then IFCONFIG=/sbin/ifconfig; else IFCONFIG=/usr/sbin/ifconfig; fi

dev=eth0
addr=`$IFCONFIG $dev | awk '/inet addr/ { split($2, a, ":"); print a[2] }'`
bcast=`$IFCONFIG $dev | sed -n 's/.*Bcast:\([^ ]*\).*/\1/p'`
mask=`$IFCONFIG $dev | sed -n '/Mask:/{s/.*Mask://;s/[^0-9.].*//;p;}'`
mac=`$IFCONFIG $dev | head -1 | awk '{ print $NF }'`

[ "$addr" -a "$mask" ] || { echo "$dev: no address" 1>&2; exit 1; }
echo "$dev $mac $addr/$mask, broadcast $bcast"

ipchains -F input
ipchains -A input -i lo -j ACCEPT
ipchains -A input -i $dev -s $addr/$mask -j ACCEPT
ipchains -A input -i $dev -p udp -d $bcast 137:138 -j DENY
ipchains -A input -i $dev -d 255.255.255.255 -j ACCEPT
ipchains -A input -i $dev -d $bcast -j ACCEPT -m 0x7
ipchains -A input -i $dev -p tcp -s ! $addr/$mask -d $addr -y -l -j REJECT

# Every interface that is up, but lo and this one.
for other in `cat /proc/net/dev | awk -F: 'NR > 2 { gsub(" ", "", $1); print $1 }'`; do
	test $other = lo -o $other = $dev && continue
	$IFCONFIG $other 2>/dev/null | grep -q 'inet addr' || continue
	ipchains -A input -i $other -j DENY -l
done
