#!/bin/sh
# Interfaces by their addresses: so the rules stay good whichever card is found first.

outer=`ifconfig eth1 | sed -n 's/.*inet addr:\([0-9.]*\).*/\1/p'`
inner=`ifconfig eth0 | sed -n 's/.*inet addr:\([0-9.]*\).*/\1/p'`
[ -n "$outer" ] && [ -n "$inner" ] || { echo "no addresses yet"; exit 1; }

for c in I O F A; do ipfwadm -$c -f; done
ipfwadm -I -p deny; ipfwadm -O -p deny; ipfwadm -F -p deny

# A second address of the inner card, for the old gateway's clients.
ifconfig eth0:0 10.1.0.1 netmask 255.255.0.0 up

ipfwadm -I -a accept -V 127.0.0.1
ipfwadm -O -a accept -V 127.0.0.1
ipfwadm -I -a accept -V $inner -S 10.0.0.0/8
ipfwadm -O -a accept -V 10.1.0.1 -D 10.0.0.0/8
ipfwadm -I -a deny -V $outer -S 10.0.0.0/8 -o
ipfwadm -I -a deny -V $outer -S 127.0.0.0/8 -o
ipfwadm -I -a accept -V $outer -P tcp -D $outer 1024:65535 -k
ipfwadm -I -a accept -V $outer -P tcp -y -D $outer 25
ipfwadm -O -a accept -V $outer -W eth1 -S $outer
ipfwadm -F -a accept -m -V $outer -S 10.0.0.0/8
ipfwadm -A -a -V $outer -b -S $outer
