# fw-translate
# Rules that only count: what arrives before it is filtered, what leaves once it is.
ipfwadm -A -f
ipfwadm -I -p deny
ipfwadm -A both -a -S 192.168.1.0/24 -D 0/0 -b
ipfwadm -A in -a -P tcp -S 0/0 -D 10.0.0.254 80 -W eth0
ipfwadm -A out -a -P tcp -S 10.0.0.254 80 -D 0/0 -W eth0
ipfwadm -A both -a -P tcp -y -o
ipfwadm -A both -a -P icmp -S 0/0 8
