#!/bin/sh
# Interactive traffic first, bulk last; marks choose the table for the routes (ip rule ... fwmark).
IPC="/sbin/ipchains"
ANY="0.0.0.0/0"

# minimum delay
for s in ssh telnet ftp; do
  $IPC -A output -p tcp -s $ANY -d $ANY $s -t 0x01 0x10
  $IPC -A output -p tcp -s $ANY $s -d $ANY -t 0x01 0x10
done
# maximum throughput
$IPC -A output -p tcp -s $ANY ftp-data -d $ANY -t 0x01 0x08
$IPC -A output -p tcp -d $ANY ftp-data -t 0x01 0x08
# minimum cost
for s in nntp 119:119 563; do
  $IPC -A output -p tcp -d $ANY $s -t 0x01 0x02 2>/dev/null
done

# the line with the tariff: mark 1 for office hours' users, 2 for the rest, and one more for bulk
mark=1
for net in 10.3.0.0/18 10.3.64.0/18 10.3.128.0/17; do
  $IPC -A input -i eth1 -s $net -m $mark
  mark=`expr $mark + 1`
done
$IPC -A input -i eth1 -p tcp -d $ANY 20 -m +0x100
$IPC -A input -i eth1 -p tcp -d $ANY 119 -m +256
$IPC -A input -i eth1 -s 10.3.0.0/16 -j ACCEPT
$IPC -A input -i eth1 -j DENY -o 128
