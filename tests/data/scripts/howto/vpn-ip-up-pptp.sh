# Linux VPN Masquerade HOWTO 2.19 (2000): of /etc/ppp/ip-up, where the address changes; PPTP to the server.
/sbin/ipportfw -C
/sbin/ipportfw -A -t ${4}/1723 -R 10.0.0.2/1723
