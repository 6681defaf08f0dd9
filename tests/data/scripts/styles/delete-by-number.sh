#!/bin/sh
# Takes away every rule about the dial-in address of yesterday and puts in that of today, by number,
# as the rest of the rules must stay where they are.
export PATH=/sbin:/usr/sbin:$PATH
OLD=198.51.100.7
NEW=198.51.100.201

# What is there in the morning.
ipchains -A input -i lo -j ACCEPT
ipchains -A input -p tcp -d $OLD 25 -j ACCEPT
ipchains -A input -p tcp -d $OLD 80 -j ACCEPT
ipchains -A input -p icmp -j ACCEPT
ipchains -A input -d $OLD -l -j DENY
ipchains -A input -s 10.0.0.0/8 -j ACCEPT
ipchains -A input -j DENY

# -L prints two lines of heading, then rule 1.
position() {
	ipchains -L $1 -n | sed '1,2d' | grep -n "$2" | head -$3 | tail -1 | cut -d: -f1
}

n=`position input "$OLD.*25\$" 1`
ipchains -R input $n -p tcp -d $NEW 25 -j ACCEPT

# From the bottom up, or the numbers move.
for n in `ipchains -L input -n --line-numbers | awk -v old=$OLD '
	$1 ~ /^[0-9]+$/ { for (i = 2; i <= NF; i++) if ($i == old) print $1 }' | sort -rn`
do
	echo "rule $n goes"
	ipchains -D input $n
done

count=`ipchains -L input -n | grep -c DENY`
if [ $count -eq 1 ]; then
	last=`ipchains -L input -n | sed '1,2d' | wc -l`
	ipchains -I input $last -d $NEW -l -j DENY
fi
