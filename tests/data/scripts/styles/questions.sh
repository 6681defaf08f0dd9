#! /bin/bash
# Firewall and masquerading, after /etc/firewall.rc.config.
#
#	/sbin/init.d/firewall start|stop|list|block

. /etc/firewall.rc.config

base=${0##*/}
link=${base#*[SK][0-9][0-9]}
test $link = $base && START_FW=yes
test "$FW_START" = yes || exit 0

IPCHAINS=/sbin/ipchains
return="done"
test "$FW_LOG_DENY" = "yes" && LD="-l" || LD=""
test "$FW_LOG_ACCEPT" = "yes" && LA="-l" || LA=""

reset_rules() {
    $IPCHAINS -F; $IPCHAINS -X
    for CHAIN in input forward output; do $IPCHAINS -P $CHAIN $1; done
}

anti_spoof() {
    for DEV in $FW_WORLD_DEV; do
        for NET in 127.0.0.0/8 $FW_LOCALNETS; do
            $IPCHAINS -A input -i $DEV -s $NET -j DENY $LD
        done
    done
}

# allow_servers PORT PROTOCOLS ADDRESS...
allow_servers() {
    local port=$1 protocols=$2 address protocol
    shift 2
    for address in "$@"; do
        for protocol in $protocols; do
            $IPCHAINS -A input -p $protocol -d $address $port -j ACCEPT $LA
        done
    done
}

from_files() {
    if test "$FW_FRIENDS" = "yes" -a -f /etc/fw-friends; then
        for HOST in `grep -v '^#' /etc/fw-friends`; do
            $IPCHAINS -A input -s $HOST -j ACCEPT $LA
        done
    fi
    if test "$FW_SSH" = "yes" -a -f /etc/fw-ssh; then
        while read HOST; do
            $IPCHAINS -A input -p tcp -s $HOST 512: -d 0/0 22 -j ACCEPT $LA
        done < /etc/fw-ssh
    fi
}

case "$1" in
    start|reload)
        echo -n "Initializing firewall: "
        reset_rules ACCEPT
        $IPCHAINS -A input -i lo -j ACCEPT
        anti_spoof
        for ENTRY in $FW_TRANSPROXY_OUT; do
            NET=${ENTRY%%,*}; REST=${ENTRY#*,}
            $IPCHAINS -A input -p tcp -i $FW_INT_DEV -s $NET -d 0/0 ${REST%,*} -j REDIRECT ${REST#*,}
        done
        for DEV in $FW_INT_DEV; do $IPCHAINS -A input -i $DEV -j ACCEPT; done
        from_files
        allow_servers 21 tcp $FW_FTPSERVER
        allow_servers 80 tcp $FW_WWWSERVER
        allow_servers 25 tcp $FW_MAILSERVER
        allow_servers 53 "udp tcp" $FW_DNSSERVER
        for RANGE in $FW_TCP_LOCKED_PORTS; do
            $IPCHAINS -A input -p tcp -d 0/0 $RANGE -y -j DENY $LD
        done
        for RANGE in $FW_UDP_LOCKED_PORTS; do
            $IPCHAINS -A input -p udp -d 0/0 $RANGE -j DENY $LD
        done
        if test "$MSQ_START" = yes; then
            for MODULE in $MSQ_MODULES; do modprobe $MODULE > /dev/null 2>&1; done
            $IPCHAINS -P forward DENY
            for NET in $MSQ_NETWORKS; do
                $IPCHAINS -A forward -i $MSQ_DEV -s $NET -j MASQ
            done
            echo 1 > /proc/sys/net/ipv4/ip_forward
        fi
        echo "$return"
        ;;
    stop)
        reset_rules ACCEPT
        ;;
    block)
        reset_rules DENY
        ;;
    list)
        $IPCHAINS -L -n -v
        ;;
    *)
        echo "Usage: $0 {start|stop|block|list}"
        exit 1
esac
test "$return" = "done" || exit 1
exit 0
