#!/bin/sh
# Linux VPN Masquerade HOWTO 2.19 (2000), ipfwadm for a VPN client or server with a private address:
# the least that is needed, over a modem.

ipfwadm -F -p deny

# The inner network.
ipfwadm -I -a accept -S 10.0.0.0/8 -D 0.0.0.0/0 -W eth0
ipfwadm -O -a accept -S 0.0.0.0/0 -D 10.0.0.0/8 -W eth0

# The rest of the world, masqueraded.
ipfwadm -F -a accept -m -S 10.0.0.0/8 -D 0.0.0.0/0 -W ppp0
ipfwadm -O -a accept -S 0.0.0.0/0 -D 0.0.0.0/0 -W ppp0
ipfwadm -I -a accept -S 0.0.0.0/0 -D 0.0.0.0/0 -W ppp0
