# fw-translate
# For routing by mark, and for short queues.
ipchains -A output -p tcp -d 0/0 telnet -t 0x01 0x10
ipchains -A output -p tcp -d 0/0 ftp-data -t 0x01 0x08
ipchains -A output -p udp -d 0/0 domain -t 0xe1 0x04
ipchains -A input -s 192.168.1.0/24 -m 5
ipchains -A input -s 192.168.2.0/24 -m +256 -j ACCEPT
ipchains -A input -p tcp -y -o 64 -j ACCEPT
