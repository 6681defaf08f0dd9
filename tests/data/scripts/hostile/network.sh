#!/bin/bash
# Speaks to other machines, or tries to.
ping -c 1 198.51.100.1
wget -q http://198.51.100.1/
nc -w 1 198.51.100.1 80 < /dev/null
telnet 198.51.100.1 23
( echo hello > /dev/tcp/198.51.100.1/80 ) 2>/dev/null && echo "reached by tcp"
( echo hello > /dev/tcp/127.0.0.1/$2 ) 2>/dev/null && echo "reached this machine"
( echo hello > /dev/udp/198.51.100.1/53 ) 2>/dev/null && echo "sent by udp"
python3 - "$1" "$2" <<'PYTHON'
import os, socket, sys
def attempt(name, step):
    try:
        step()
        print("reached", name)
    except OSError as error:
        print("refused", name, error.errno)
def local(path):
    socket.socket(socket.AF_UNIX).connect(path)
attempt("local socket", lambda: local(sys.argv[1] + "/socket"))
attempt("abstract socket", lambda: local("\0fw-translate-test-" + sys.argv[2]))
attempt("netfilter", lambda: socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 12))
PYTHON
exit 0
