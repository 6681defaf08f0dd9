# Linux IPCHAINS-HOWTO 1.0.7 (1999), section 4.2: saved and restored, one chain and all.
ipchains -N ppp-in
ipchains -A ppp-in -s 192.168.1.0/24 -l -j DENY
ipchains -A input -i ppp0 -j ppp-in
cd /tmp
ipchains-save > my_firewall
ipchains -F
ipchains -X
ipchains-restore -f < my_firewall
