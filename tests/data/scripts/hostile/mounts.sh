#!/bin/bash
# Tries to get at what lies outside by mounts, namespaces and other roots.
real=/.fw-translate/machine
$real/bin/mount -o remount,rw / && echo "remounted /"
$real/bin/mount -o remount,rw $real && echo "remounted the machine"
$real/bin/mount -o remount,rw "$1" && echo "remounted"
$real/bin/mount -t tmpfs none /mnt && echo "mounted"
$real/bin/umount -l /proc && echo "unmounted /proc"
$real/bin/umount -l $real && echo "unmounted the machine"
$real/usr/sbin/chroot $real /bin/true && echo "another root"
$real/usr/bin/unshare -Urm /bin/true && echo "namespaces"
$real/usr/bin/nsenter -t 1 -m /bin/true && echo "entered"
mknod /tmp/disk b 8 0 && echo "made a device"
touch "$1/evil" $real/tmp/evil $real/etc/evil /usr/evil /home/evil 2>/dev/null && echo "wrote outside"
ls $real/proc/1 >/dev/null 2>&1 && echo "sees processes outside"
exit 0
