"""Packets, and the lines that Linux 2.2 or 2.0 would write about them, for logs.py."""

import socket
import struct

OUTER, FIREWALL, INNER = "192.0.2.2", "192.0.2.1", "10.0.0.2"
STRANGER = "198.51.100.7"


def ip(protocol, source, target, identification, payload=b"", **fields):
    """The checksum is left to the kernel. `fragment`: the flags, and the offset in 8 bytes."""
    options = fields.get("options", b"")
    return (
        struct.pack(
            "!BBHHHBBH",
            0x45 + len(options) // 4,
            fields.get("tos", 0),
            20 + len(options) + len(payload),
            identification,
            fields.get("fragment", 0),
            fields.get("ttl", 64),
            protocol,
            0,
        )
        + socket.inet_aton(source)
        + socket.inet_aton(target)
        + options
        + payload
    )


def udp(source, target, source_port, port, identification, data=b"", **fields):
    datagram = struct.pack("!HHHH", source_port, port, 8 + len(data), 0) + data
    return ip(socket.IPPROTO_UDP, source, target, identification, datagram, **fields)


def tcp(source, target, source_port, port, identification, flags, **fields):
    segment = struct.pack("!HHIIBBHHH", source_port, port, 1, 0, 0x50, flags, 512, 0, 0)
    return ip(socket.IPPROTO_TCP, source, target, identification, segment, **fields)


def icmp(source, target, kind, code, identification, **fields):
    message = struct.pack("!BBHI", kind, code, 0, 0)
    return ip(socket.IPPROTO_ICMP, source, target, identification, message, **fields)


SYN, ACK, RST = 0x02, 0x10, 0x04
DONT, MORE = 0x4000, 0x2000

# Where any packet will do.
DATAGRAM = udp(OUTER, FIREWALL, 1024, 53, 1)
DATAGRAM_LINE = (
    "Packet log: input DENY eth0 PROTO=17 192.0.2.2:1024 192.0.2.1:53"
    " L=28 S=0x00 I=1 F=0x0000 T=64 (#1)"
)

# Tables: commands of ipchains, packets, and the lines without their "Packet log: ". A line is about
# the packet of its I=.

INPUT_RULES = """
-N mine
-A input -p udp -d 192.0.2.1 53 -l -j DENY
-A input -p tcp -d 192.0.2.1 23 -l -j REJECT
-A input -p icmp --icmp-type host-unreachable -l -j ACCEPT
-A input -p 47 -l -j DENY
-A input -f -l -j DENY
-A input -s 198.51.100.7 -l
-A input -s 198.51.100.7 -l -j mine
-A mine -p tcp -l -j RETURN
-A mine -l -j ACCEPT
"""
INPUT = [
    udp(OUTER, FIREWALL, 53, 53, 18, b"123456", ttl=254),
    udp(OUTER, FIREWALL, 65535, 53, 65535, tos=0x1F, fragment=DONT, ttl=1),
    tcp(OUTER, FIREWALL, 1025, 23, 2, SYN),
    tcp(OUTER, FIREWALL, 1025, 23, 3, SYN | ACK),
    tcp(OUTER, FIREWALL, 1025, 23, 4, SYN | RST),
    tcp(OUTER, FIREWALL, 1025, 23, 5, SYN, options=b"\x01" * 4),
    icmp(OUTER, FIREWALL, 3, 1, 6, tos=0xC0),
    # A router alert (RFC 2113) and two words more: read as the little-endian machine did.
    ip(47, OUTER, FIREWALL, 7, options=bytes.fromhex("940400000101010100000000")),
    ip(17, OUTER, FIREWALL, 8, b"12345678", fragment=185),
    ip(1, OUTER, FIREWALL, 9, b"12345678", fragment=MORE | 1),
    # The first fragment is no fragment to ipchains,
    udp(OUTER, FIREWALL, 7, 53, 10, b"12345678", fragment=MORE),
    # but one is that is too short to hold its ports.
    ip(17, OUTER, FIREWALL, 11, b"1234"),
    icmp(STRANGER, FIREWALL, 0, 0, 12),
    tcp(STRANGER, FIREWALL, 1, 65535, 13, ACK),
    # No rule is for this one.
    udp(OUTER, FIREWALL, 1025, 54, 14),
]
INPUT_LINES = """
input DENY eth0 PROTO=17 192.0.2.2:53 192.0.2.1:53 L=34 S=0x00 I=18 F=0x0000 T=254 (#1)
input DENY eth0 PROTO=17 192.0.2.2:65535 192.0.2.1:53 L=28 S=0x1F I=65535 F=0x4000 T=1 (#1)
input REJECT eth0 PROTO=6 192.0.2.2:1025 192.0.2.1:23 L=40 S=0x00 I=2 F=0x0000 T=64 SYN (#2)
input REJECT eth0 PROTO=6 192.0.2.2:1025 192.0.2.1:23 L=40 S=0x00 I=3 F=0x0000 T=64 (#2)
input REJECT eth0 PROTO=6 192.0.2.2:1025 192.0.2.1:23 L=40 S=0x00 I=4 F=0x0000 T=64 (#2)
input REJECT eth0 PROTO=6 192.0.2.2:1025 192.0.2.1:23 L=44 S=0x00 I=5 F=0x0000 T=64 O=0x01010101 SYN (#2)
input ACCEPT eth0 PROTO=1 192.0.2.2:3 192.0.2.1:1 L=28 S=0xC0 I=6 F=0x0000 T=64 (#3)
input DENY eth0 PROTO=47 192.0.2.2:65535 192.0.2.1:65535 L=32 S=0x00 I=7 F=0x0000 T=64 O=0x00000494 O=0x01010101 O=0x00000000 (#4)
input DENY eth0 PROTO=17 192.0.2.2:65535 192.0.2.1:65535 L=28 S=0x00 I=8 F=0x00B9 T=64 (#5)
input DENY eth0 PROTO=1 192.0.2.2:65535 192.0.2.1:65535 L=28 S=0x00 I=9 F=0x2001 T=64 (#5)
input DENY eth0 PROTO=17 192.0.2.2:7 192.0.2.1:53 L=36 S=0x00 I=10 F=0x2000 T=64 (#1)
input DENY eth0 PROTO=17 192.0.2.2:65535 192.0.2.1:65535 L=24 S=0x00 I=11 F=0x0000 T=64 (#5)
input - eth0 PROTO=1 198.51.100.7:0 192.0.2.1:0 L=28 S=0x00 I=12 F=0x0000 T=64 (#6)
input mine eth0 PROTO=1 198.51.100.7:0 192.0.2.1:0 L=28 S=0x00 I=12 F=0x0000 T=64 (#7)
mine ACCEPT eth0 PROTO=1 198.51.100.7:0 192.0.2.1:0 L=28 S=0x00 I=12 F=0x0000 T=64 (#2)
input - eth0 PROTO=6 198.51.100.7:1 192.0.2.1:65535 L=40 S=0x00 I=13 F=0x0000 T=64 (#6)
input mine eth0 PROTO=6 198.51.100.7:1 192.0.2.1:65535 L=40 S=0x00 I=13 F=0x0000 T=64 (#7)
mine RETURN eth0 PROTO=6 198.51.100.7:1 192.0.2.1:65535 L=40 S=0x00 I=13 F=0x0000 T=64 (#1)
"""

# Numbers follow the rules around them; names are as the user typed them.
CHANGED_RULES = """
-N a"b$c
-A input -p udp -d 192.0.2.1 53 -l
-A input -p udp -d 192.0.2.1 53 -l -j a"b$c
-I input -p tcp
-I input 2 -p tcp
-A a"b$c -l -j DENY
-D input 1
-R input 1 -p udp -s 192.0.2.99 -l -j DENY
"""
CHANGED = [udp(OUTER, FIREWALL, 1025, 53, 20)]
CHANGED_LINES = """
input - eth0 PROTO=17 192.0.2.2:1025 192.0.2.1:53 L=28 S=0x00 I=20 F=0x0000 T=64 (#2)
input a"b$c eth0 PROTO=17 192.0.2.2:1025 192.0.2.1:53 L=28 S=0x00 I=20 F=0x0000 T=64 (#3)
a"b$c DENY eth0 PROTO=17 192.0.2.2:1025 192.0.2.1:53 L=28 S=0x00 I=20 F=0x0000 T=64 (#1)
"""

REDIRECT_RULES = """
-A input -p tcp -d 0/0 80 -l -j REDIRECT 8080
-A input -p udp -d 0/0 81 -l -j REDIRECT
"""
REDIRECT = [tcp(OUTER, STRANGER, 9, 80, 30, SYN), udp(OUTER, STRANGER, 1025, 81, 31)]
REDIRECT_LINES = """
input REDIRECT 8080 eth0 PROTO=6 192.0.2.2:9 198.51.100.7:80 L=40 S=0x00 I=30 F=0x0000 T=64 SYN (#1)
input REDIRECT 0 eth0 PROTO=17 192.0.2.2:1025 198.51.100.7:81 L=28 S=0x00 I=31 F=0x0000 T=64 (#2)
"""

# forward and output see the outgoing interface, and a packet one hop further.
ROUTED_RULES = """
-A input -p udp -l
-A forward -p udp -l -t 0x01 0x10
-A output -p udp -l -j DENY
"""
ROUTED = [udp(OUTER, INNER, 1025, 53, 40)]
ROUTED_LINES = """
input - eth0 PROTO=17 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x00 I=40 F=0x0000 T=64 (#1)
forward - eth1 PROTO=17 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x00 I=40 F=0x0000 T=63 (#1)
output DENY eth1 PROTO=17 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x10 I=40 F=0x0000 T=63 (#1)
"""


def lines_of(text):
    return ["Packet log: " + line for line in text.strip().splitlines()]


LINES = [
    ("input", INPUT_RULES, INPUT, lines_of(INPUT_LINES)),
    ("changed", CHANGED_RULES, CHANGED, lines_of(CHANGED_LINES)),
    ("redirect", REDIRECT_RULES, REDIRECT, lines_of(REDIRECT_LINES)),
    ("routed", ROUTED_RULES, ROUTED, lines_of(ROUTED_LINES)),
]

# The same for ipfwadm, but the lines as they are. Rules that count both ways say which way it was.

FWADM_RULES = """
-A in -a -P udp -o
-A both -a -P icmp -S 192.0.2.2 -o
-I -a deny -P udp -D 192.0.2.1 53 -o
-I -a reject -P tcp -D 192.0.2.1 23 -y -o
-I -a accept -P icmp -o
"""
FWADM = [
    udp(OUTER, FIREWALL, 1025, 53, 50, tos=0x1E, fragment=DONT),
    udp(OUTER, FIREWALL, 1025, 54, 51),
    ip(17, OUTER, FIREWALL, 52, b"12345678", fragment=185),
    tcp(OUTER, FIREWALL, 1025, 23, 53, SYN, options=bytes.fromhex("94040000")),
    tcp(OUTER, FIREWALL, 1025, 23, 54, ACK),
    icmp(OUTER, FIREWALL, 3, 1, 55),
    ip(1, OUTER, FIREWALL, 56, b"12345678", fragment=9),
]
FWADM_LINES = """
IP acct in eth0 UDP 192.0.2.2:1025 192.0.2.1:53 L=28 S=0x1E I=50 F=0x0040 T=64
IP fw-in deny eth0 UDP 192.0.2.2:1025 192.0.2.1:53 L=28 S=0x1E I=50 F=0x0040 T=64
IP acct in eth0 UDP 192.0.2.2:1025 192.0.2.1:54 L=28 S=0x00 I=51 F=0x0000 T=64
IP acct in eth0 UDP 192.0.2.2:65535 192.0.2.1:65535 L=28 S=0x00 I=52 F=0xB900 T=64
IP fw-in rej eth0 TCP 192.0.2.2:1025 192.0.2.1:23 L=44 S=0x00 I=53 F=0x0000 T=64 O=0x00000494
IP acct in eth0 ICMP/3 192.0.2.2 192.0.2.1 L=28 S=0x00 I=55 F=0x0000 T=64
IP fw-in acc eth0 ICMP/3 192.0.2.2 192.0.2.1 L=28 S=0x00 I=55 F=0x0000 T=64
IP acct in eth0 ICMP/255 192.0.2.2 192.0.2.1 L=28 S=0x00 I=56 F=0x0900 T=64
"""

FWADM_ROUTED_RULES = """
-A both -a -P udp -o
-A out -a -P all -W eth1 -D 10.0.0.2 -o
-I -a accept -P tcp -D 0/0 80 -r 8080 -o
-F -a accept -P all -D 10.0.0.2 -t 01 10 -o
-O -a accept -P udp -W eth1 -o
"""
FWADM_ROUTED = [
    udp(OUTER, INNER, 1025, 53, 60),
    ip(47, OUTER, INNER, 61),
    tcp(OUTER, STRANGER, 9, 80, 62, SYN),
]
FWADM_ROUTED_LINES = """
IP acct in eth0 UDP 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x00 I=60 F=0x0000 T=64
IP fw-fwd acc eth1 UDP 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x00 I=60 F=0x0000 T=63
IP fw-out acc eth1 UDP 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x10 I=60 F=0x0000 T=63
IP acct out eth1 UDP 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x10 I=60 F=0x0000 T=63
IP acct out eth1 UDP 192.0.2.2:1025 10.0.0.2:53 L=28 S=0x10 I=60 F=0x0000 T=63
IP fw-fwd acc eth1 PROTO=47 192.0.2.2 10.0.0.2 L=20 S=0x00 I=61 F=0x0000 T=63
IP acct out eth1 PROTO=47 192.0.2.2 10.0.0.2 L=20 S=0x10 I=61 F=0x0000 T=63
IP fw-in acc/r8080 eth0 TCP 192.0.2.2:9 198.51.100.7:80 L=40 S=0x00 I=62 F=0x0000 T=64
"""

FWADM_TABLES = [
    ("ipfwadm", FWADM_RULES, FWADM, FWADM_LINES.strip().splitlines()),
    ("ipfwadm, routed", FWADM_ROUTED_RULES, FWADM_ROUTED, FWADM_ROUTED_LINES.strip().splitlines()),
]

# With the kernel's own log: how lines begin. It goes on with IN=eth0.
KERNEL_RULES = """
-A input -p tcp
-A input -p udp -l -j DENY
-A input -p tcp -d 0/0 80 -l -j REDIRECT 8080
"""
KERNEL_LOG_ID = 51966  # tells our packets from those of others
KERNEL_LOG = [
    (
        udp(OUTER, FIREWALL, 1025, 53, KERNEL_LOG_ID),
        "Packet log: input DENY (#2) IN=eth0 ",
    ),
    (
        tcp(OUTER, FIREWALL, 1025, 80, KERNEL_LOG_ID, SYN),
        "Packet log: input REDIRECT 8080 (#3) IN=eth0 ",
    ),
]
