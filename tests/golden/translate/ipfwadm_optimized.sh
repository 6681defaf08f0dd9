# fw-translate --optimize
# Servers, and what each of them has: lists of ports that are joined.
ipfwadm -F -p reject
ipfwadm -F -a accept -P tcp -S 0/0 1024:65535 -D 192.168.1.10 20:21 25 80
ipfwadm -F -a accept -P tcp -S 0/0 1024:65535 -D 192.168.1.10 110 143 443
ipfwadm -F -a accept -P tcp -S 0/0 1024:65535 -D 192.168.1.11 80
ipfwadm -F -a accept -P tcp -S 192.168.1.10 20:21 25 80 110 143 443 -D 0/0 1024:65535 -k
ipfwadm -F -a accept -P tcp -S 192.168.1.11 80 -D 0/0 1024:65535 -k
ipfwadm -F -a accept -P udp -b -S 192.168.1.12 53 -D 0/0
ipfwadm -F -a deny -P udp -S 0/0 -D 0/0 137:139
ipfwadm -F -a deny -P tcp -S 0/0 -D 0/0 137:139
