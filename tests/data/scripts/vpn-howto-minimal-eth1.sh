#!/bin/sh
# Linux VPN Masquerade HOWTO 2.19 (2000), ipchains for a VPN client or server with a private address:
# the least that works, over a permanent connection.

ipchains -P forward DENY

# The inner network.
ipchains -A input -j ACCEPT -s 10.0.0.0/8 -d 0.0.0.0/0 -i eth0
ipchains -A output -j ACCEPT -s 0.0.0.0/0 -d 10.0.0.0/8 -i eth0

# All that goes out is masqueraded, all else may pass.
ipchains -A forward -j MASQ -s 10.0.0.0/8 -d 0.0.0.0/0 -i eth1
ipchains -A output -j ACCEPT -s 0.0.0.0/0 -d 0.0.0.0/0 -i eth1
ipchains -A input -j ACCEPT -s 0.0.0.0/0 -d 0.0.0.0/0 -i eth1
