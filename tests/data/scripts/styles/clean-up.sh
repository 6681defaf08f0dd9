#!/bin/sh
# Takes down whatever firewall there is, chain by chain, as some kernels did not like -F alone.
IPCHAINS=${IPCHAINS-/sbin/ipchains}

# (Something to take down.)
$IPCHAINS -N one; $IPCHAINS -N two
$IPCHAINS -A one -j two; $IPCHAINS -A two -j DENY
$IPCHAINS -A input -p udp -j one; $IPCHAINS -P forward DENY; $IPCHAINS -P output REJECT

for chain in `$IPCHAINS -L -n | grep '^Chain' | cut -d' ' -f2`; do
	$IPCHAINS -F $chain
done
for chain in `$IPCHAINS -L -n | awk '/^Chain/ && /refcnt/ || /^Chain/ && !/policy/ { print $2 }'`
do
	$IPCHAINS -X $chain
done
for chain in `$IPCHAINS -L -n | grep policy | grep -v '(policy ACCEPT)' | cut -d' ' -f2`; do
	$IPCHAINS -P $chain ACCEPT
done
[ "`$IPCHAINS -L -n | grep -c '^Chain'`" -eq 3 ] && $IPCHAINS -A input -i ppp+ -j DENY
