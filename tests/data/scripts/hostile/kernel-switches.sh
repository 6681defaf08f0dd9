#!/bin/bash
# Turns the switches of the kernel that have nothing to do with a firewall.
echo b > /proc/sysrq-trigger
echo 1 > /proc/sys/kernel/sysrq
echo 17 > /proc/sys/kernel/panic
echo /tmp/evil > /proc/sys/kernel/core_pattern
echo /tmp/evil > /proc/sys/kernel/modprobe
echo 1 > /proc/sys/vm/drop_caches
echo evil > /proc/sys/kernel/hostname
hostname evil
date -s 2001-01-01
sysctl -w kernel.panic=17
echo 17 > /.fw-translate/machine/proc/sys/kernel/panic
echo -17 > /proc/self/oom_score_adj
reboot -f; halt -f; shutdown -h now; telinit 0; init 6
swapoff -a
exit 0
