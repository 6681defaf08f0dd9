#!/bin/sh
# Counts what each host costs; every night the figures go into a file and begin anew.
HOSTS="hawk:192.168.9.2 owl:192.168.9.3 kite:192.168.9.4"
IF=ippp0
FILE=/var/log/accounting

ipchains -N acctin; ipchains -N acctout
for entry in $HOSTS; do
	ip=`echo $entry | sed 's/.*://'`
	ipchains -A acctin -d $ip
	ipchains -A acctout -s $ip
done
ipchains -I input 1 -i $IF -j acctin
ipchains -I output 1 -i $IF -j acctout

# The columns are packets, bytes, ..., and the last but two is the host.
total=0
for dir in acctin acctout; do
	for bytes in `ipchains -L $dir -v -x -n | awk 'NR > 2 { print $2 }'`; do
		total=`expr $total + $bytes`
	done
done
echo "`date`: $total bytes" >> $FILE
ipchains -Z
ipchains -L -Z acctin -n > /dev/null
test $total -eq 0 && ipchains -A forward -i $IF -s 192.168.9.0/24 -j MASQ
