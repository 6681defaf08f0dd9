#!/bin/bash
#
# firewall      Packet filter of the branch office
#
# chkconfig: 2345 08 92
# description: Filters packets between the office (eth1) and the leased line (eth0).

# Source function library, if it is one of those systems.
if [ -f /etc/rc.d/init.d/functions ]; then
    . /etc/rc.d/init.d/functions
fi

# Source networking configuration, and check that networking is up.
. /etc/sysconfig/network
[ "${NETWORKING}" = "no" ] && exit 0

[ -x /sbin/ipchains ] || exit 0

OUT=eth0
IN=eth1
LAN=10.20.0.0/255.255.0.0
SERVERS="10.20.0.2 10.20.0.3"
OPEN_TCP="smtp www 443"
OPEN_UDP="domain"

start() {
    echo -n "Starting firewall: "
    /sbin/ipchains -P input ACCEPT
    /sbin/ipchains -P forward DENY
    /sbin/ipchains -N from-net
    /sbin/ipchains -N to-net

    for host in $SERVERS; do
        for port in $OPEN_TCP; do
            /sbin/ipchains -A from-net -p tcp -d $host $port -j ACCEPT
        done
        for port in $OPEN_UDP; do
            /sbin/ipchains -A from-net -p udp -d $host $port -j ACCEPT
        done
    done
    /sbin/ipchains -A from-net -p tcp ! -y --dport 1024:65535 -j ACCEPT
    /sbin/ipchains -A from-net -p icmp --icmp-type ping -j DENY
    /sbin/ipchains -A from-net -p icmp -j ACCEPT
    /sbin/ipchains -A from-net -l -j DENY

    /sbin/ipchains -A to-net -p tcp --dport 137:139 -j REJECT
    /sbin/ipchains -A to-net -p udp --dport 137:139 -j REJECT
    /sbin/ipchains -A to-net -s $LAN -j ACCEPT

    # forward knows only the way out: eth1 is towards us.
    /sbin/ipchains -A forward -i $IN -j from-net
    /sbin/ipchains -A forward -i $OUT -j to-net
    [ "$FORWARD_IPV4" = "yes" ] && echo 1 > /proc/sys/net/ipv4/ip_forward
    touch /var/lock/subsys/firewall 2> /dev/null
    echo "done"
}

stop() {
    echo -n "Shutting down firewall: "
    echo 0 > /proc/sys/net/ipv4/ip_forward
    /sbin/ipchains -F
    /sbin/ipchains -X
    for chain in input output forward; do
        /sbin/ipchains -P $chain ACCEPT
    done
    rm -f /var/lock/subsys/firewall
    echo "done"
}

# See how we were called.
case "$1" in
  start)
    start
    ;;
  stop)
    stop
    ;;
  restart|reload)
    $0 stop
    $0 start
    ;;
  status)
    /sbin/ipchains -L -n
    ;;
  *)
    echo "Usage: $0 {start|stop|restart|status}"
    exit 1
esac

exit 0
