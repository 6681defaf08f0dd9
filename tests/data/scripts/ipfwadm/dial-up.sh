#!/bin/sh
# rc.firewall of a household with one modem: called by pppd as /etc/ppp/ip-up is, with the name of
# the line, and the address that the provider gave out, as the fourth word.

LINE=$1
OURS=$4
HOME=192.168.1.0/24
ANY=0/0
FW=/sbin/ipfwadm

/sbin/depmod -a
/sbin/modprobe ip_masq_ftp
/sbin/modprobe ip_masq_raudio

# Nothing goes while we change things.
for chain in -I -O -F; do
  $FW $chain -p deny
  $FW $chain -f
done

# Home is trusted, if it comes from home.
$FW -Ia accept -W eth0 -S $HOME -D $ANY
$FW -Oa accept -W eth0 -S $ANY -D $HOME
$FW -I -a accept -W lo
$FW -O -a accept -W lo
$FW -I -a deny -W $LINE -S $HOME -D $ANY -o

# What was asked for may answer; masqueraded connections use ports from 61000 on.
$FW -I -a accept -V $OURS -P tcp -S $ANY -D $OURS -k
$FW -I -a accept -V $OURS -P udp -S $ANY 53 -D $OURS 1024:65535
$FW -I -a accept -V $OURS -P tcp -S $ANY 20 -D $OURS 61000:65095
$FW -I -a accept -V $OURS -P icmp -S $ANY 0 3 4 11 12 -D $OURS
$FW -I -a reject -V $OURS -P tcp -S $ANY -D $OURS 113
$FW -O -a accept -W $LINE -S $OURS -D $ANY

# Interactive connections first.
$FW -O -i accept -W $LINE -P tcp -S $OURS -D $ANY 22 23 -t 01 10

$FW -F -a m -S $HOME -D $ANY -W $LINE
$FW -M -s 7200 10 160

echo 1 > /proc/sys/net/ipv4/ip_forward
exit 0
