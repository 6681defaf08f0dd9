"""A rule that is several in the kernel counts as one."""

import socket
import subprocess

from robust.sandbox import handles, ipchains


def counts():
    """Packets of each rule of foo, as -L -v shows them."""
    lines = ipchains("-L foo -v -n -x").splitlines()[2:]
    return [int(line.split()[0]) for line in lines]


def send(packets):
    """Each leaves and arrives on lo: rules of a chain that both ways lead to count two."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        for _ in range(packets):
            udp.sendto(b"x", ("127.0.0.1", 99))


def check_rules_of_several_parts():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    ipchains("-N foo", "-A foo -i lo -p udp -s 127.0.0.1 -t e1 04",
             "-A foo -p udp -s 127.0.0.1 -t 01 10 -m +5", "-A output -j foo", "-A input -j foo")
    assert len(handles("foo")) > 2, handles("foo")
    send(3)
    assert counts() == [6, 6]
    ipchains("-R foo 1 -i lo -p udp -s 127.0.0.1 -t e1 08", "-A foo -p udp -j ACCEPT", "-I foo 2 -p tcp")
    assert counts() == [6, 0, 6, 0]
    send(1)
    assert counts() == [8, 0, 8, 2]
    ipchains("-Z")
    assert counts() == [0, 0, 0, 0]
    send(1)
    assert counts() == [2, 0, 2, 2]
    ipchains("-L -Z -n")
    assert counts() == [0, 0, 0, 0]
