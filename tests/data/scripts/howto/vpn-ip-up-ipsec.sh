# Linux VPN Masquerade HOWTO 2.19 (2000): of /etc/ppp/ip-up, where the address changes; IPsec to the server.
/sbin/ipportfw -C
/sbin/ipportfw -A -u ${4}/500 -R 10.0.0.2/500
