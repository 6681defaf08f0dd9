# fw-translate
# Masquerading with a web server, a game and FTP behind it.
modprobe ip_masq_ftp
ipchains -P forward DENY
ipchains -A input -i ppp0 -p tcp -d 0/0 80 -j ACCEPT
ipchains -A input -i ppp0 -p tcp -d 0/0 61000:65095 -j ACCEPT
ipchains -A input -i ppp0 -j DENY -l
ipchains -A forward -i ppp0 -s 192.168.1.0/24 -j MASQ
ipmasqadm portfw -f
ipmasqadm portfw -a -P tcp -L 200.200.200.200 80 -R 192.168.1.2 80
ipmasqadm autofw -A -r udp 6970 7170 -c tcp 7070
