#!/bin/sh
# A script with DOS line ends: each command ends in a carriage return unless something hides it.
IPC=/sbin/ipchains #
$IPC -P forward DENY #
$IPC -A forward -s 192.168.1.0/24 -i ppp0 -j MASQ #
$IPC -A input -p tcp -y -i ppp0 -j DENY #
echo 1 > /proc/sys/net/ipv4/ip_forward #
