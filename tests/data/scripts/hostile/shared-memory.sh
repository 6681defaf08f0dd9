#!/bin/bash
# Takes memory that is shared, and so in nobody's name, and waits.
ipchains -P input DENY
for i in 1 2 3 4; do
    python3 -c 'import mmap, time
x = mmap.mmap(-1, 300 << 20)
for at in range(0, len(x), 4096): x[at] = 1
time.sleep(100)' &
done
python3 - <<'PYTHON'
import ctypes, os
libc = ctypes.CDLL(None, use_errno=True)
if hasattr(os, "memfd_create"):
    try:
        os.memfd_create("x")
        print("reached memory without a name")
    except OSError as error:
        print("refused memory without a name", error.errno)
if libc.shmget(0, 1 << 20, 0o1600) >= 0:
    print("reached a segment")
PYTHON
wait
