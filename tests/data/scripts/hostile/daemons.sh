#!/bin/bash
# Leaves processes behind.
ipchains -P input DENY
( setsid bash -c "while :; do touch '$1/evil' 2>/dev/null; done" & ) &
nohup bash -c 'exec -a innocent sleep 100000' >/dev/null 2>&1 &
python3 -c 'import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        while True: time.sleep(1)'
exit 0
