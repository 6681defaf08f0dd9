#!/bin/sh
# All of it at once, as ipchains-save printed it on the old machine; only the addresses of this
# one are put in.
NET=${NET:-192.0.2.0/255.255.255.0}
GW=${GW:-192.0.2.1}

ipchains -F && ipchains -X
ipchains-restore -f <<EOF
:input DENY
:forward DENY
:output ACCEPT
:local -
:world -
-A input -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -i lo -j ACCEPT
-A input -s $NET -d 0.0.0.0/0.0.0.0 -i eth0 -j local
-A input -s 0.0.0.0/0.0.0.0 -d $NET -i ! eth0 -j world
-A local -s 0.0.0.0/0.0.0.0 -d $GW/255.255.255.255 23:23 -p 6 -j DENY -l
-A local -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -j ACCEPT
-A world -s $NET -d 0.0.0.0/0.0.0.0 -j DENY -l
-A world -s 0.0.0.0/0.0.0.0 -d $GW/255.255.255.255 22:22 -p 6 -j ACCEPT
-A world -s 0.0.0.0/0.0.0.0 -d $GW/255.255.255.255 1024:65535 -p 6 -j ACCEPT ! -y
-A world -s 0.0.0.0/0.0.0.0 53:53 -d $GW/255.255.255.255 -p 17 -j ACCEPT
EOF
if [ $? -ne 0 ]; then
    echo "ipchains-restore failed" >&2
    ipchains -P input ACCEPT
    exit 1
fi

# What came later.
cat <<'LATE' | while read proto port; do
tcp 80
tcp 443
udp 123
LATE
    ipchains -I world 2 -p $proto -d $GW $port -j ACCEPT
done
