#!/bin/sh
# A firewall that is told what to do by /etc/firewall.conf and /etc/firewall.hosts.
#
# Usage: config-file.sh start | clear

CONFIG=/etc/firewall.conf
HOSTS=/etc/firewall.hosts

fatal() { echo "firewall: $*" >&2; exit 2; }

yes() {
    case "$1" in
        [Yy]|[Yy][Ee][Ss]) return 0 ;;
        *)                 return 1 ;;
    esac
}

run() {
    ipchains --no-warnings "$@" || fatal "ipchains $* failed"
}

clear_all() {
    for c in input forward output; do
        run -F $c
        run -P $c ACCEPT
    done
    run -F
    run -X
}

chain_for() {	# action -> target
    case $1 in
        accept) echo ACCEPT ;;
        reject) echo REJECT ;;
        *)      echo DENY ;;
    esac
}

host_rules() {
    sed -e 's/#.*//' -e '/^[ 	]*$/d' $HOSTS > $TMP
    while read action address proto port rest; do
        target=`chain_for $action`
        log=
        [ $target = DENY ] && log=-l
        case "$proto:$port" in
            -:-) run -A hosts -s $address -j $target $log ;;
            *:-) run -A hosts -p $proto -s $address -j $target $log ;;
            *)   run -A hosts -p $proto -s $address -d 0/0 $port -j $target $log ;;
        esac
    done < $TMP
    rm -f $TMP
}

services() {
    for service in $SERVICES; do
        proto=${service%%:*}
        ports=${service#*:}
        run -A services -p $proto -d 0/0 $ports -j ACCEPT
    done
}

[ -r $CONFIG ] || fatal "no $CONFIG"
. $CONFIG
TMP=/tmp/firewall.$$

case "${1:-start}" in
clear)
    clear_all
    exit 0
    ;;
start) ;;
*)  fatal "Usage: $0 start|clear" ;;
esac

clear_all
run -P input DENY
run -P forward DENY
run -N hosts
run -N services
host_rules
services

run -A input -i lo -j ACCEPT
run -A input -i $INTERNAL_IF -s $INTERNAL_NET -j ACCEPT
yes "$PING" || run -A input -i $EXTERNAL_IF -p icmp --icmp-type echo-request -j DENY
run -A input -i $EXTERNAL_IF -j hosts
run -A input -i $EXTERNAL_IF -j services
if yes "$SYN_LOG"; then
    run -A input -i $EXTERNAL_IF -p tcp -y -l -j DENY
fi
run -A input -i $EXTERNAL_IF -p tcp -j ACCEPT
run -A input -i $EXTERNAL_IF -p icmp -j ACCEPT
run -A input -i $EXTERNAL_IF -p udp -d 0/0 61000:65095 -j ACCEPT
if yes "$MASQUERADE"; then
    run -A forward -i $EXTERNAL_IF -s $INTERNAL_NET -j MASQ
    echo "1" > /proc/sys/net/ipv4/ip_forward
fi
