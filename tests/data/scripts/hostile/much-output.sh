#!/bin/sh
# Says more than anybody reads.
yes 'a line that goes on and on' | head -c 200000000
yes >&2 &
ipchains -P input DENY
exit 0
