#!/bin/sh
# The useful examples of the ipchains HOWTO, section 4.2, as printed: one machine with a modem.
# LOCALIP is the address of ppp0.
ipchains -A output -d 199.95.207.0/24 -j REJECT
ipchains -A output -d 199.95.208.0/24 -j REJECT

ipchains -N ppp-out
ipchains -A output -i ppp0 -j ppp-out

ipchains -A ppp-out -p TCP -d proxy.virtual.net.au 8080 -t 0x01 0x10
ipchains -A ppp-out -p TCP -d 0.0.0.0 telnet -t 0x01 0x10

ipchains -A ppp-out -p TCP -d 0.0.0.0/0 ftp-data -t 0x01 0x02
ipchains -A ppp-out -p TCP -d 0.0.0.0/0 nntp -t 0x01 0x02
ipchains -A ppp-out -p TCP -d 0.0.0.0/0 pop-3 -t 0x01 0x02

ipchains -N ppp-in
ipchains -A input -i ppp0 -j ppp-in

ipchains -A ppp-in -s 192.168.1.0/24 -l -j DENY

ipchains -A ppp-in -p UDP -s 203.29.16.1 -d $LOCALIP dns -j ACCEPT
ipchains -A ppp-in -p TCP -s 0.0.0.0/0 ftp-data -d $LOCALIP 1024:5999 -j ACCEPT
ipchains -A ppp-in -p TCP -s 0.0.0.0/0 ftp-data -d $LOCALIP 6010: -j ACCEPT
ipchains -A ppp-in -p TCP -d $LOCALIP ftp -j ACCEPT

ipchains -A input -i lo -j ACCEPT

ipchains -P input DENY
