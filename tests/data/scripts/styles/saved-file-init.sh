#!/bin/sh
# Loads the rules that the set-up tool wrote.
#
# chkconfig: 2345 08 92

IPCHAINS_CONFIG=/etc/sysconfig/ipchains
if [ ! -x /sbin/ipchains -o ! -f /proc/net/ip_fwchains ]; then
	exit 0
fi

say() {
	echo "$1: $2"
}

case "$1" in
  start)
	# If there is no file, there is nothing to do.
	if [ -f $IPCHAINS_CONFIG ]; then
		# Empty first: the file appends.
		ipchains -F
		ipchains -X
		grep -v "^[[:space:]]*#" $IPCHAINS_CONFIG | grep -v '^[[:space:]]*$' |
			/sbin/ipchains-restore -p -f && say ipchains "rules loaded" || exit 1
	fi
	;;
  stop)
	ipchains -F
	ipchains -X
	ipchains -P input ACCEPT && ipchains -P output ACCEPT && ipchains -P forward ACCEPT
	;;
  panic)
	ipchains -P input DENY
	ipchains -P forward DENY
	ipchains -P output DENY
	ipchains -F
	ipchains -X
	;;
  save)
	/sbin/ipchains-save > $IPCHAINS_CONFIG 2> /dev/null
	chmod 0600 $IPCHAINS_CONFIG
	;;
  *)
	echo "Usage: $0 {start|stop|panic|save}" >&2
	exit 1
esac
