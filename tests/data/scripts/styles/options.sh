#!/bin/sh
# usage: options.sh [-v] [-e external] [-i internal] [-p port]... network...
verbose= ext=ppp0 int=eth0 ports=
while getopts ve:i:p: opt; do
    case $opt in
    v) verbose=-v ;;
    e) ext=$OPTARG ;;
    i) int=$OPTARG ;;
    p) ports="$ports $OPTARG" ;;
    *) exit 1 ;;
    esac
done
shift `expr $OPTIND - 1`
[ $# -gt 0 ] || { echo "no networks"; exit 1; }

fw() {
    ipchains $verbose "$@" > /dev/null
}

fw -P forward REJECT
for net
do
    fw -A forward -i $ext -s $net -j MASQ
    fw -A input -i ! $int -s $net -j DENY
done
for p in $ports; do
    fw -A input -i $ext -p tcp -d 0/0 $p -j ACCEPT
done
fw -A input -i $ext -p tcp -y -j DENY
( fw -A output -i $ext -d 10.0.0.0/8 -j REJECT
  fw -A output -i $ext -d 192.168.0.0/16 -j REJECT ) &
wait
