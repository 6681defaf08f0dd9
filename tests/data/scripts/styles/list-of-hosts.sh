#!/bin/sh
# Who may do what on the news and mail machine: a list, a function, and the end.
set -u

MY=192.0.2.25

allow() {	# proto port from...
    proto=$1
    port=$2
    shift; shift
    for from in ${1+"$@"}
    do
        ipchains -A input -p $proto -s $from -d $MY $port -j ACCEPT
        n=`expr $n + 1`
    done
}

n=0
ipchains -P input REJECT

while read line
do
    case $line in
    '#'*|'')
        continue
        ;;
    esac
    set -- $line
    allow "$@"
done << THE_LIST
# proto  port   from
tcp      smtp   0.0.0.0/0
tcp      nntp   198.51.100.0/24 203.0.113.0/255.255.255.128 192.0.2.0/27
tcp      pop-3  192.0.2.0/24

udp      ntp    198.51.100.123
tcp      22     192.0.2.3 192.0.2.4
THE_LIST

ipchains -A input -p tcp ! -y -d $MY -j ACCEPT
ipchains -A input -p udp -s 0/0 domain -d $MY -j ACCEPT
ipchains -A input -p icmp -d $MY -j ACCEPT
ipchains -A input -i lo -j ACCEPT
echo "$n permissions"
