#!/bin/bash
# Closes first, opens at the end; whatever goes wrong, it stays closed.
set -e

closed() {
    status=$?
    trap - EXIT
    if [ $status -ne 0 ]; then
        echo "failed with status $status: closed" >&2
        ipchains -P input DENY
        ipchains -P forward DENY
        ipchains -F input
        ipchains -A input -i lo -j ACCEPT
    fi
    exit $status
}
trap closed EXIT
trap 'echo interrupted; exit 130' INT TERM

ipchains -P input DENY
ipchains -P forward DENY
ipchains -F
ipchains -X 2>/dev/null || true

LAN=${LAN:=192.168.55.0/24}
ports=(22 25 53 80 110)

ipchains -N tcp-ok
for ((i = 0; i < ${#ports[@]}; i++)); do
    ipchains -A tcp-ok -p tcp -d 0/0 "${ports[$i]}" -j ACCEPT
done
ipchains -A input -i lo -j ACCEPT
ipchains -A input -s "$LAN" -j tcp-ok
ipchains -A input -p tcp -s "$LAN" -j RETURN

# A name that has no chain: in the old days this was how one asked.
if ipchains -L udp-ok -n > /dev/null 2>&1; then
    echo "udp-ok is there?"
else
    ipchains -N udp-ok
fi
ipchains -A udp-ok -p udp --dport 53 -j ACCEPT
ipchains -A input -j udp-ok

[ $(ipchains -L tcp-ok -n | grep -c ACCEPT) = ${#ports[@]} ]
ipchains -C input -p tcp -i lo -s 127.0.0.1 1025 -d 127.0.0.1 25 | grep -q accepted
ipchains -P forward ACCEPT
