#!/bin/sh
# Linux VPN Masquerade HOWTO 2.19 (2000), Finding faults:
# wide open, to see whether the rules are to blame.

ipfwadm -I -p accept
ipfwadm -O -p accept
ipfwadm -F -a accept -m
