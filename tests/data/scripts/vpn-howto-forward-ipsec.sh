#!/bin/sh
# Linux VPN Masquerade HOWTO 2.19 (2000), More for a VPN server with a private address:
# IPsec from outside goes to the server.

/sbin/ipportfw -C
/sbin/ipportfw -A -u 200.200.200.200/500 -R 10.0.0.2/500
/sbin/ipfwd --masq 10.0.0.2 50 &
