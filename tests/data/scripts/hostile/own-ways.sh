#!/bin/bash
# Finds ipchains in every way there is.
unset PATH
/sbin/ipchains -A input -s 10.0.0.1 -j DENY
PATH=/sbin:/usr/sbin:/bin:/usr/bin
/usr/bin/env -i /usr/sbin/ipchains -A input -s 10.0.0.2 -j DENY
ln -s /sbin/ipchains /tmp/wall 2>/dev/null
/usr/local/sbin/ipchains -A input -s 10.0.0.3 -j DENY
sh -c 'ipchains -A input -s 10.0.0.4 -j DENY'
eval "ipchains -A input -s 10.0.0.5 -j DENY"
( ipchains -A input -s 10.0.0.6 -j DENY ) &
wait
echo 10.0.0.7 | xargs -i ipchains -A input -s {} -j DENY
find /etc/passwd -exec ipchains -A input -s 10.0.0.8 -j DENY \;
awk 'BEGIN { system("ipchains -A input -s 10.0.0.9 -j DENY") }'
perl -e 'system("ipchains", "-A", "input", "-s", "10.0.0.10", "-j", "DENY")'
trap 'ipchains -A input -s 10.0.0.12 -j DENY' EXIT
cd /sbin && ./ipchains -A input -s 10.0.0.11 -j DENY
exit 0
