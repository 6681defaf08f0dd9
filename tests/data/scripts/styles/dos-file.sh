#! /bin/sh
# The rules come from a floppy that was last in a DOS machine: take the carriage returns away.
RULES=/etc/ipchains.txt

umask 077
tr -d '\015' < $RULES > /tmp/rules.$$ || exit 1
/sbin/ipchains -F
/sbin/ipchains -X
if /sbin/ipchains-restore < /tmp/rules.$$ 2>/dev/null ; then
	echo `wc -l < /tmp/rules.$$` lines of rules
else
	echo "bad rules, closing" ; /sbin/ipchains -P input DENY
fi
rm -f /tmp/rules.$$
