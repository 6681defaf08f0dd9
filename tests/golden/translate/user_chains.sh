# fw-translate
# Chains of one's own, shared between input and forward; with names that nft can't take.
/sbin/ipchains -N icmp-ok
/sbin/ipchains -N log
/sbin/ipchains -N bad.ones
/sbin/ipchains -A icmp-ok -p icmp --icmp-type destination-unreachable -j ACCEPT
/sbin/ipchains -A icmp-ok -p icmp --icmp-type time-exceeded -j ACCEPT
/sbin/ipchains -A log -l -j DENY
/sbin/ipchains -A bad.ones -s 10.0.0.0/8 -j log
/sbin/ipchains -A bad.ones -s 172.16.0.0/12 -j log
/sbin/ipchains -A bad.ones -s 192.168.0.0/16 -i eth1 -j RETURN
/sbin/ipchains -A bad.ones -s 192.168.0.0/16 -j log
/sbin/ipchains -A input -i ppp+ -j bad.ones
/sbin/ipchains -A input -j icmp-ok
/sbin/ipchains -A forward -j bad.ones
/sbin/ipchains -A forward -j icmp-ok
/sbin/ipchains -A forward -p tcp -d 192.168.1.2 smtp -j ACCEPT
/sbin/ipchains -A forward -j REJECT
