#!/bin/bash
# Reaches for what a file system can't protect by being read only: a pipe and a socket in $3, which
# others listen to.
ipchains -P input DENY
[ -p "$3/pipe" ] && echo "sees the pipe"
( echo hello > "$3/pipe" ) 2>/dev/null && echo "reached pipe by shell"
python3 - "$3" <<'PYTHON'
import os, socket, sys
folder = sys.argv[1]
def attempt(name, step):
    try:
        step()
        print("reached", name)
    except OSError as error:
        print("refused", name, error.errno)
attempt("pipe", lambda: os.write(os.open(folder + "/pipe", os.O_RDWR | os.O_NONBLOCK), b"hello"))
def pair():
    one, other = socket.socketpair(socket.AF_UNIX, socket.SOCK_DGRAM)
    one.sendto(b"hello", folder + "/datagrams")
attempt("pair", pair)
attempt("stream pair", lambda: socket.socketpair())
for name, family, protocol in [("local", 1, 0), ("ipx", 4, 0), ("vsock", 40, 0),
                               ("generic netlink", 16, 16), ("uevents", 16, 15)]:
    attempt(name, lambda: socket.socket(family, socket.SOCK_DGRAM, protocol))
PYTHON
exit 0
