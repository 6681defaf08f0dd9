# fw-translate --optimize
# Accounting of each direction by itself, with masquerading: fragments do not come so far.
ipfwadm -F -p deny
ipfwadm -F -a m -S 192.168.1.0/24 -D 0/0
ipfwadm -I -a accept -P tcp -S 192.168.1.0/24 -D 0/0 80 8080 -r 3128
ipfwadm -A in -a -V 1.2.3.4
ipfwadm -A in -a -V 1.2.3.4 -P tcp -k
ipfwadm -A out -a -V 1.2.3.4
modprobe ip_masq_ftp
