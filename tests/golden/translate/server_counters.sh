# fw-translate --optimize --counters
# The same with sets and maps, and a counter for each rule.
ipchains -F
ipchains -P input DENY
ipchains -P output ACCEPT
ipchains -P forward DENY
ipchains -A input -i lo -j ACCEPT
ipchains -A input -s 10.0.0.0/8 -p tcp -d 0/0 80 -j ACCEPT
ipchains -A input -p tcp -d 0/0 www -j ACCEPT
ipchains -A input -p tcp -d 0/0 ssh -y -j ACCEPT
ipchains -A input -p tcp ! -y -d 0/0 1024: -j ACCEPT
ipchains -A input -p udp -s 192.168.1.1 domain -d 0/0 1024:65535 -j ACCEPT
ipchains -A input -p icmp --icmp-type ping -j ACCEPT
ipchains -A input -p icmp -s 0/0 3 -j ACCEPT
ipchains -A input -p tcp -d 0/0 137:139 -j DENY
ipchains -A input -p udp -d 0/0 137:139 -j DENY
ipchains -A input -p ! tcp -s ! 192.168.1.0/24 -j DENY
ipchains -A input -l -j DENY
