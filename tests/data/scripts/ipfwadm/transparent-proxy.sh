#!/bin/sh
# Squid for all, whether they know it or not, and one inner host that is seen from outside.

ipfwadm=/sbin/ipfwadm
proxy=3128

$ipfwadm -I -f
$ipfwadm -F -f
$ipfwadm -I -p accept
$ipfwadm -F -p deny

$ipfwadm -I -a accept -P tcp -S 192.168.0.0/24 -D 192.168.0.1 80        # our own web server
$ipfwadm -I -a accept -P tcp -S 192.168.0.0/24 -D 0/0 80 8080 -r $proxy
$ipfwadm -I -a accept -P udp -S 192.168.0.0/24 -D 0/0 53 -r
$ipfwadm -F -a masquerade -S 192.168.0.0/24 -D 0/0
$ipfwadm -F -l -n -e

ipportfw -A -t203.0.113.7/80 -R 192.168.0.2/80
ipportfw -A -u203.0.113.7/53 -R 192.168.0.2/53
ipautofw -A -r udp 6970 7170 -c tcp 7070
ipfwd --masq 192.168.0.3 47 &
