"""Packets as they are on a wire: what came to a host, and packets made by hand.

    with net.on("outer"):
        ear = Ear()
    ...
    ear.packets()      # all that came since, with the interface they came in by
"""

import contextlib
import os
import selectors
import socket
import struct
import typing

from hosts import checksum, ip_header, send_raw

PACKET_HOST, PACKET_OUTGOING = 0, 4
TCP, UDP, ICMP, GRE, ESP = 6, 17, 1, 47, 50
PORTS = (TCP, UDP)
FIN, SYN, RST, ACK = 0x01, 0x02, 0x04, 0x10


class Packet(typing.NamedTuple):
    """The ports of ICMP are its type and code, of other protocols 0; data is what follows them."""

    interface: str
    source: str
    target: str
    protocol: int
    source_port: int
    target_port: int
    flags_and_offset: int
    data: bytes

    def __str__(self):
        ports = f"{self.source}:{self.source_port} -> {self.target}:{self.target_port}"
        return f"{self.interface} {self.protocol} {ports} {self.data[:24]!r}"


class Ear:
    """Hears what comes to the host that it is made on, before any firewall of that host."""

    def __init__(self, outgoing=False):
        self.outgoing = outgoing
        self.socket = socket.socket(socket.AF_PACKET, socket.SOCK_DGRAM, socket.ntohs(0x0800))
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self.socket.setblocking(False)
        self.heard = []

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    def packets(self):
        with contextlib.suppress(BlockingIOError):
            while True:
                data, (interface, _, kind, *_) = self.socket.recvfrom(65535)
                if interface != "lo" and (kind == PACKET_OUTGOING) == self.outgoing:
                    self.heard.append(parse(interface, data))
        return self.heard

    def wait(self, wanted, seconds):
        """The first packet for which `wanted` holds, or None if none comes in time."""
        with selectors.DefaultSelector() as selector:
            selector.register(self.socket, selectors.EVENT_READ)
            while True:
                for packet in self.packets():
                    if wanted(packet):
                        return packet
                if not selector.select(seconds):
                    return None


def parse(interface, data):
    header = 4 * (data[0] & 15)
    offset = struct.unpack("!H", data[6:8])[0]
    addresses = socket.inet_ntoa(data[12:16]), socket.inet_ntoa(data[16:20])
    protocol, rest = data[9], data[header : struct.unpack("!H", data[2:4])[0]]
    ports = (0, 0)
    if offset & 0x1FFF == 0:
        if protocol in PORTS and len(rest) >= 4:
            ports, rest = struct.unpack("!HH", rest[:4]), rest[4:]
        elif protocol == ICMP and len(rest) >= 2:
            ports, rest = (rest[0], rest[1]), rest[2:]
    return Packet(interface, *addresses, protocol, *ports, offset, rest)


def send(source, target, protocol, payload):
    """An IP packet; the kernel makes fragments of it if it is long."""
    send_raw(ip_header(source, target, protocol) + payload, target)


def send_fragments(source, target, payload, size=64):
    """A UDP datagram in fragments of `size` bytes, a multiple of 8."""
    number = os.urandom(2)
    datagram = udp(source, 4000, target, 4000, payload)
    for start in range(0, len(datagram), size):
        more = 0x2000 if start + size < len(datagram) else 0
        header = bytearray(ip_header(source, target, UDP))
        header[4:8] = number + struct.pack("!H", more | start // 8)
        send_raw(bytes(header) + datagram[start : start + size], target)


def udp(source, source_port, target, target_port, payload):
    header = struct.pack("!HHH", source_port, target_port, 8 + len(payload))
    return header + transport_checksum(source, target, UDP, header + b"\0\0" + payload) + payload


def tcp(source, source_port, target, target_port, flags=SYN):
    start = struct.pack("!HHIIBBH", source_port, target_port, 1, 0, 0x50, flags, 1000)
    return start + transport_checksum(source, target, TCP, start + bytes(4)) + bytes(2)


def transport_checksum(source, target, protocol, data):
    pseudo = socket.inet_aton(source) + socket.inet_aton(target)
    pseudo += struct.pack("!HH", protocol, len(data))
    return struct.pack("!H", checksum(pseudo + data + bytes(len(data) % 2)))


def icmp(kind, code, rest):
    message = struct.pack("!BB", kind, code) + b"\0\0" + rest
    return message[:2] + struct.pack("!H", checksum(message + bytes(len(message) % 2))) + rest
