# fw-translate
# A gateway for a tunnel of GRE and its control connection, with both directions spelled out.
ipchains -P input DENY; ipchains -P output DENY; ipchains -P forward DENY
ipchains -A input -i eth1 -s 10.0.0.2 -d 10.0.0.1 -j ACCEPT
ipchains -A output -i eth1 -s 10.0.0.1 -d 10.0.0.2 -j ACCEPT
ipchains -A input -i ppp0 -p tcp ! -y -s 200.200.200.200 1723 -d 100.100.100.100 1024:65535 -j ACCEPT
ipchains -A input -i ppp0 -p 47 -s 200.200.200.200 -d 100.100.100.100 -j ACCEPT
ipchains -A output -i ppp0 -p tcp -s 100.100.100.100 1024:65535 -d 200.200.200.200 1723 -j ACCEPT
ipchains -A output -i ppp0 -p gre -s 100.100.100.100 -d 200.200.200.200 -j ACCEPT
ipchains -A forward -s 10.0.0.2 -d 200.200.200.200 -j MASQ
ipchains -A input -j DENY -l
ipchains -A output -j REJECT -l
