# fw-translate
# A transparent proxy.
ipchains -A input -i lo -j ACCEPT
ipchains -A input -p tcp -d 192.168.1.1 80 -j ACCEPT
ipchains -A input -p tcp -s 192.168.1.0/24 -d 0/0 80 -j REDIRECT 3128
ipchains -A input -p udp -s 192.168.1.0/24 -d 0/0 53 -j REDIRECT
ipchains -A output -p tcp -d 0/0 25 -j REJECT
