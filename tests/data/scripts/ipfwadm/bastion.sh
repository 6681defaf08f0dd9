#!/bin/bash
#
# bastion	What the outside may have of this host, and how much of it it has.
#
# chkconfig: 345 11 92
# description: packet filter and accounting

PATH=/sbin:/bin:/usr/sbin:/usr/bin

[ -f /proc/net/ip_acct ] || { echo "no accounting in this kernel"; exit 0; }

me=192.0.2.10
net=192.0.2.0/24
customers="192.0.2.32/27 192.0.2.64/27"

accounting() {
  ipfwadm -A -f
  for who in $customers; do
    ipfwadm -A in -a -S $who -D 0/0 -W eth0
    ipfwadm -A out -a -S 0/0 -D $who -W eth0
    ipfwadm -A both -a -P tcp -S $who 20 21 80 -D 0/0 -b
  done
  ipfwadm -A -a -P icmp -S 0/0 8
}

filter() {
  ipfwadm -I -p reject
  ipfwadm -I -f
  ipfwadm -O -p accept
  ipfwadm -O -f
  ipfwadm -F -p deny
  ipfwadm -F -f
  ipfwadm -I -a accept -W lo
  ipfwadm -I -a accept -P tcp -S 0/0 -D $me ftp-data ftp smtp domain www pop-3
  ipfwadm -I -a accept -P udp -S 0/0 -D $me domain ntp
  ipfwadm -I -a accept -P tcp -S $net -D $me telnet 6000:6010 -y
  ipfwadm -I -a accept -P tcp -S 0/0 -D $me 1024:65535 -k
  ipfwadm -I -a accept -P udp -S 0/0 domain -D $me
  ipfwadm -I -a accept -P icmp -S 0/0 0 3 4 8 11 -D $me
  ipfwadm -O -a reject -P tcp -S $me -D 0/0 119 -y -o
}

case "$1" in
  start|restart)
    filter
    accounting
    ;;
  stop)
    for c in I O F; do ipfwadm -$c -f; ipfwadm -$c -p accept; done
    ipfwadm -A -f
    ;;
  report)
    # from cron, each night
    filter > /dev/null
    accounting
    ipfwadm -A -l -z -n -x | mail -s "accounting of `hostname`" root
    ;;
  *)
    echo "Usage: $0 {start|stop|restart|report}"
    exit 1
esac
exit 0
