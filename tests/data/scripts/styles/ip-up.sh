#!/bin/sh
# /etc/ppp/ip-up: pppd says
#   $1 interface  $2 tty  $3 speed  $4 our address  $5 theirs  $6 ipparam
PATH=/sbin:/usr/sbin:/bin:/usr/bin
export PATH

IF=$1; ME=$4; PEER=$5

[ "$6" = "backup" ] && exit 0		# the second line does its own

logger -t ip-up "$IF is up: $ME -> $PEER" 2>/dev/null

# A chain for this interface. It may be there from last time.
ipchains -N $IF-in 2> /dev/null || ipchains -F $IF-in
ipchains -A $IF-in -s $ME -l -j DENY
ipchains -A $IF-in -p icmp -s $PEER -j ACCEPT
ipchains -A $IF-in -p tcp -d $ME 22 -j ACCEPT
ipchains -A $IF-in -p tcp -d $ME 61000:65095 ! -y -j ACCEPT
ipchains -A $IF-in -p udp -d $ME 61000:65095 -j ACCEPT
ipchains -A $IF-in -p tcp ! -y -d $ME -j ACCEPT
ipchains -A $IF-in -p udp -s 0/0 53 -d $ME -j ACCEPT
ipchains -A $IF-in -j DENY

# Once only.
if ipchains -L input -n | grep -q "^$IF-in "; then
	:
else
	ipchains -I input 1 -i $IF -j $IF-in
fi

ipchains -L forward -n | grep MASQ | grep -q 192.168.7.0 || \
	ipchains -A forward -i $IF -s 192.168.7.0/24 -d ! 192.168.7.0/24 -j MASQ
ipchains -P forward DENY

echo 1 > /proc/sys/net/ipv4/ip_dynaddr
echo 1 > /proc/sys/net/ipv4/ip_forward
