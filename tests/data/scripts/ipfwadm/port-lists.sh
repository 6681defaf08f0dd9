#!/bin/sh
# A site with a network of its own, and what each part of it may do. Ports are lists: one range
# first, then single ones, ten in all.

inside=172.16.0.0/16
servers=172.16.1.0/255.255.255.0
web=172.16.1.80
mail=172.16.1.25
any=0.0.0.0/0

tcpout="20:23 25 43 79 80 113 443"
udpout="53 123 33434:33523"

ipfwadm -F -f
ipfwadm -F -p deny

# Outside to our servers, and the answers, in one rule each.
ipfwadm -F -a accept -b -P tcp -S $any 1024:65535 -D $web 80 443 8000 8080
ipfwadm -F -a accept -b -P tcp -S $any 1024:65535 25 -D $mail 25 113
ipfwadm -F -a accept -b -P udp -S $any 53 1024:65535 -D $servers 53

# The inside to outside; answers need ACK.
ipfwadm -F -a accept -P tcp -S $inside 1024:65535 -D $any $tcpout
ipfwadm -F -a accept -P tcp -S $any $tcpout -D $inside 1024:65535 -k
ipfwadm -F -a accept -b -P udp -S $inside -D $any $udpout
ipfwadm -F -a accept -b -P icmp -S $inside -D $any
ipfwadm -F -a accept -P tcp -S $any 20 -D $inside 1024:5999 6010:65535 2>/dev/null

# Not worth a line in the log: broadcasts of Windows. The rest is.
ipfwadm -F -a deny -P udp -S $any -D $any 137:139
ipfwadm -F -a deny -P tcp -S $any -D $any 137:139
ipfwadm -F -a reject -S $inside -D $any -o
ipfwadm -F -a deny -S $any -D $any -o
