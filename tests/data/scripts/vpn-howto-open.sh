#!/bin/sh
# Linux VPN Masquerade HOWTO 2.19 (2000), Finding faults:
# wide open, to see whether the rules are to blame.

ipchains -P input ACCEPT
ipchains -P output ACCEPT
ipchains -P forward MASQ
