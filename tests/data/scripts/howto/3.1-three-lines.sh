# Linux IPCHAINS-HOWTO 1.0.7 (1999), section 3.1: masquerading in three lines.
ipchains -P forward DENY
ipchains -A forward -i ppp0 -j MASQ
echo 1 > /proc/sys/net/ipv4/ip_forward
