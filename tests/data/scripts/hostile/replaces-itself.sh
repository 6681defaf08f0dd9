#!/bin/sh
# Becomes ipchains.
exec /sbin/ipchains -A input -s 10.0.0.1 -j DENY
