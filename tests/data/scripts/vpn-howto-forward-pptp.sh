#!/bin/sh
# Linux VPN Masquerade HOWTO 2.19 (2000), More for a VPN server with a private address:
# PPTP from outside goes to the server.

/sbin/ipportfw -C
/sbin/ipportfw -A -t 200.200.200.200/1723 -R 10.0.0.2/1723
/sbin/ipfwd --masq 10.0.0.2 47 &
