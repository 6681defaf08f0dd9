# fw-translate
# The three lines that most people began with.
ipchains -P forward DENY
ipchains -A forward -s 192.168.1.0/24 -j MASQ
echo 1 > /proc/sys/net/ipv4/ip_forward
