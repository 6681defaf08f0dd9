#!/bin/sh
# Hosts that have misbehaved, from /etc/firewall.deny; run by cron, so it must not add one twice.
DENY=/etc/firewall.deny
CH=blacklst

ipchains -L $CH -n >/dev/null 2>&1 || {
    ipchains -N $CH
    ipchains -I input 1 -j $CH
}

cat $DENY | while read host
do
    [ -n "$host" ] || continue
    if ipchains -n -L $CH | grep " $host " > /dev/null; then
        echo "$host is denied already"
    else
        ipchains -A $CH -s $host -l -j DENY
        [ "$host" = 198.51.100.66 ] && ipchains -b -A $CH -s $host -d 0/0 -j REJECT
    fi
done

# Those who have been good again.
for good in 198.51.100.66
do
    ipchains -D $CH -s $good -l -j DENY
done

ipchains -C $CH -p tcp -y -s 203.0.113.200 1024 -d 192.0.2.1 25 -i eth0 |
    grep -q denied || ipchains -P input DENY
