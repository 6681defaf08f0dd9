# fw-translate --comments
# A machine of 1997 with a modem: both ways in one rule, lists of ports, interfaces by address, and
# what Linux 2.0 decided without asking a rule.
ipfwadm -I -f; ipfwadm -O -f; ipfwadm -F -f
ipfwadm -I -p deny
ipfwadm -O -p accept
ipfwadm -F -p deny
ipfwadm -I -a accept -W lo
ipfwadm -I -a deny -V 1.2.3.4 -S 192.168.1.0/24 -o
ipfwadm -I -a accept -V 192.168.1.254 -S 192.168.1.0/24
ipfwadm -I -a accept -P tcp -S 0/0 -D 1.2.3.4 ftp smtp 80 6000:6010
ipfwadm -I -a accept -P tcp -S 0/0 -D 1.2.3.4 1024:65535 -k
ipfwadm -I -a accept -P udp -S 0/0 domain ntp -D 1.2.3.4 1024:65535
ipfwadm -I -a accept -P icmp -S 0/0 0 3 4 8 11
ipfwadm -I -a reject -P tcp -S 0/0 -D 1.2.3.4 113 -y
ipfwadm -O -i accept -P tcp -S 1.2.3.4 -D 0/0 22 23 -t 01 10
ipfwadm -O -a deny -P udp -b -S 10.0.0.0/8 137:139 -D 0/0 137:139
ipfwadm -O -a reject -y -D 10.0.0.0/8
