#!/bin/sh
# /etc/rc.d/rc.masq: the servers are inside.
/sbin/depmod -a
for m in ftp irc raudio; do
	/sbin/modprobe ip_masq_$m
done
/sbin/modprobe ip_masq_portfw
/sbin/modprobe ip_masq_autofw

OUTSIDE=203.0.113.7
WWW=192.168.1.80
MAIL=192.168.1.25
GAMES=192.168.1.99

echo "1" > /proc/sys/net/ipv4/ip_forward

/sbin/ipchains -M -S 7200 10 60
/sbin/ipchains -P forward DENY
/sbin/ipchains -A forward -s 192.168.1.0/24 -d 0.0.0.0/0 -j MASQ

/usr/sbin/ipmasqadm portfw -f
/usr/sbin/ipmasqadm portfw -a -P tcp -L $OUTSIDE 80 -R $WWW 80
/usr/sbin/ipmasqadm portfw -a -P tcp -L $OUTSIDE 8080 -R $WWW 80 -p 5
for port in 25 110 143; do
	/usr/sbin/ipmasqadm portfw -a -P tcp -L $OUTSIDE $port -R $MAIL $port
done
/usr/sbin/ipmasqadm autofw -A -r udp 27910 27961 -h $GAMES
/usr/sbin/ipmasqadm portfw -l -n
