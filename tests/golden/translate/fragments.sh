# fw-translate
# Rules about fragments, and rules that no fragment meets.
ipchains -A input -f -s 10.0.0.0/8 -j DENY -l
ipchains -A input ! -f -p udp -d 0/0 2049 -j DENY
ipchains -A input -p tcp -d 0/0 22 -j ACCEPT
ipchains -A input -s 192.168.1.0/24 -j ACCEPT
ipchains -A input -j DENY
ipchains -A output -f -j DENY
