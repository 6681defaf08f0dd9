"""Hosts in network namespaces of this process, and real connections between them.

    net = Network({"me": ("firewall", "192.0.2.1"), "isp": ("outer", "203.0.113.1")})
    net.cable("firewall", "ppp0", "192.0.2.1/32", "outer", "ppp0", "203.0.113.1/32")
    net.ip("firewall", "route add default dev ppp0")
    ...
    net.serve([("isp", "tcp", 80)])
    net.outcomes([Cell("me", "isp", "tcp", 80, PASSES)])

The dictionary gives the names that tables of connections use: a host and one of its addresses. A
namespace lives only as long as this process has it open: nothing is left behind, however it ends. A
thread is in one namespace; each connection has a thread of its own.
"""

import contextlib
import ctypes
import os
import selectors
import shutil
import socket
import struct
import subprocess
import threading
import time
import typing

from run_cases import CLONE_NEWNET, libc, unshare

# What can become of a connection.
PASSES = "passes"  # there, and an answer back
REFUSED = "refused"  # on the way: an ICMP error says so
CLOSED = "closed"  # by the other end, which has no such server: its ICMP error comes back
ARRIVES = "arrives"  # there, but no answer came back
SILENT = "silent"  # not there, and nobody says anything

PATIENCE = 5.0  # seconds to wait for what should come
DOUBT = 0.4  # and for what shouldn't

IP_PKTINFO = 8
SERVED = ("tcp", "udp", "gre", "esp")
# Protocols without ports, and a header that their packets may have.
PLAIN = {
    "gre": (47, struct.pack("!HH", 0, 0x0800)),  # RFC 2784
    "esp": (50, struct.pack("!II", 0x1234, 1)),  # RFC 4303: SPI, sequence number
}
QUESTION, ANSWER = b"question", b"answer"
ICMP_ERRORS = {
    "destination-unreachable": 3,
    "source-quench": 4,
    "redirect": 5,
    "time-exceeded": 11,
    "parameter-problem": 12,
}


def what_machine_lacks(*programs):
    """Root, or one of the programs, in words; None if all is there."""
    if os.geteuid() != 0:
        return "needs root"
    return next((f"needs {name}" for name in programs if shutil.which(name) is None), None)


class Cell(typing.NamedTuple):
    """One cell of a table of connections.

    protocol  tcp, udp, gre, esp or ping; or a single packet, which arrives or doesn't: the name of
              an ICMP error, or "forged", a UDP datagram from another's address
    """

    source: str
    target: str
    protocol: str
    port: int
    expected: str
    source_port: int = 0
    forged: str = ""

    def __str__(self):
        source = self.forged or self.source
        source_port = f":{self.source_port}" if self.source_port else ""
        port = f" {self.port}" if self.port else ""
        return f"{source}{source_port} -> {self.target} {self.protocol}{port}"


class Host:
    def __init__(self, namespace):
        self.namespace = namespace
        self.seen = set()  # marks of the packets that came past the firewall and the routing


class Network:
    def __init__(self, names):
        self.names = names
        self.hosts = {name: Host(new_namespace()) for name in {host for host, _ in names.values()}}
        self.stopping = threading.Event()
        self.threads = []
        for host in self.hosts:
            self.ip(host, "link set lo up")
            self.sysctl(host, "conf/all/rp_filter", "0")
            self.sysctl(host, "icmp_ratelimit", "0")  # each refusal is to be heard
            self.sysctl(host, "ping_group_range", "0 2147483647")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        for host in self.hosts.values():
            os.close(host.namespace)

    def cable(self, left, left_interface, left_address, right, right_interface, right_address):
        peer = f"/proc/{os.getpid()}/fd/{self.hosts[right].namespace}"
        self.ip(left, f"link add {left_interface} type veth peer {right_interface} netns {peer}")
        for host, interface, address in [
            (left, left_interface, left_address),
            (right, right_interface, right_address),
        ]:
            self.ip(host, f"addr add {address} dev {interface}")
            self.ip(host, f"link set {interface} up")

    def ip(self, host, arguments):
        self.run(host, ["ip", *arguments.split()], check=True)

    def sysctl(self, host, name, value):
        with self.on(host), open("/proc/sys/net/ipv4/" + name, "w", encoding="ascii") as file:
            file.write(value)

    def run(self, host, words, **options):
        with self.on(host):
            return subprocess.run(words, **options)

    def on(self, host):
        return in_namespace(self.hosts[host].namespace)

    def serve(self, services):
        """Servers for (name, protocol, port), on all addresses. They answer once."""
        for name, host in self.hosts.items():
            wanted = {(proto, port) for at, proto, port in services if self.names[at][0] == name}
            ready = threading.Event()
            thread = threading.Thread(target=self.be_host, args=(host, wanted, ready), daemon=True)
            thread.start()
            self.threads.append(thread)
            if not ready.wait(PATIENCE):
                raise OSError(f"no servers on {name}")

    def be_host(self, host, services, ready):
        enter(host.namespace)
        with selectors.DefaultSelector() as selector, contextlib.ExitStack() as open_sockets:
            for opened, action in open_servers(host, services):
                open_sockets.enter_context(opened)
                selector.register(opened, selectors.EVENT_READ, action)
            ready.set()
            while not self.stopping.is_set():
                for key, _ in selector.select(0.1):
                    key.data(key.fileobj)

    def outcomes(self, cells):
        """Returns what became of each, in order. Most are tried at the same time.

        Those with a port of their own come later: it may be a server's, whose questions they would
        hear.
        """
        for host in self.hosts.values():
            host.seen.clear()
        results = [""] * len(cells)

        def attempt(index):
            try:
                results[index] = self.outcome(cells[index])
            except OSError as error:
                results[index] = str(error)

        for later in (False, True):
            chosen = [index for index, cell in enumerate(cells) if bool(cell.source_port) == later]
            threads = [threading.Thread(target=attempt, args=(index,)) for index in chosen]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return results

    def outcome(self, cell):
        source, own = self.names[cell.source]
        target, address = self.names[cell.target]
        enter(self.hosts[source].namespace)
        answer = None
        if cell.protocol in ICMP_ERRORS:
            mark = send_icmp_error(own, address, ICMP_ERRORS[cell.protocol])
        elif cell.protocol == "forged":
            mark = send_forged(cell, address)
        else:
            mark, answer = ask(cell, own, address)
        if answer == PASSES:
            return PASSES
        arrived = wait_for(mark, self.hosts[target].seen, cell.expected in (ARRIVES, CLOSED))
        if answer == REFUSED:
            return CLOSED if arrived else REFUSED
        return answer or (ARRIVES if arrived else SILENT)


def wait_for(mark, seen, expected):
    deadline = time.monotonic() + (PATIENCE if expected else DOUBT)
    while mark not in seen and time.monotonic() < deadline:
        time.sleep(0.02)
    return mark in seen


# --- Namespaces ------------------------------------------------------------------------------


def new_namespace():
    with in_namespace(None):
        unshare(CLONE_NEWNET)
        return own_namespace()


def own_namespace():
    return os.open("/proc/thread-self/ns/net", os.O_RDONLY | os.O_CLOEXEC)


@contextlib.contextmanager
def in_namespace(namespace):
    before = own_namespace()
    try:
        if namespace is not None:
            enter(namespace)
        yield
    finally:
        enter(before)
        os.close(before)


def enter(namespace):
    if libc.setns(namespace, CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "setns: " + os.strerror(ctypes.get_errno()))


# --- Servers ---------------------------------------------------------------------------------


def open_servers(host, services):
    """(socket, what to do when it has something) for the services, and to note what arrives."""
    for protocol, port in services:
        server = new_socket(protocol)
        server.setblocking(False)
        server.bind(("0.0.0.0", port))
        if protocol == "tcp":
            server.listen(100)
            yield server, greet
            continue
        server.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
        yield server, answer_plain if protocol in PLAIN else answer
    for protocol in (socket.IPPROTO_ICMP, socket.IPPROTO_TCP, socket.IPPROTO_UDP, 47, 50):
        yield socket.socket(socket.AF_INET, socket.SOCK_RAW, protocol), lambda ear: note(host, ear)


def new_socket(protocol):
    """Shares its port with others: a server's is the source of other connections too."""
    if protocol == "ping":
        return socket.socket(socket.AF_INET, socket.SOCK_DGRAM, socket.IPPROTO_ICMP)
    if protocol in PLAIN:
        return socket.socket(socket.AF_INET, socket.SOCK_RAW, PLAIN[protocol][0])
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    new = socket.socket(socket.AF_INET, kind)
    new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    if protocol == "tcp":
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    return new


def greet(server):
    with contextlib.suppress(OSError):
        connection, _ = server.accept()
        with connection:
            connection.send(ANSWER)


def answer(server):
    """From the address that was asked; to questions only, as the other end may be a server, too."""
    with contextlib.suppress(OSError):
        data, extra, _, peer = server.recvmsg(1500, 100)
        if data == QUESTION:
            own = struct.unpack("i4s4s", extra[0][2])[1]
            info = struct.pack("i4s4s", 0, own, bytes(4))
            server.sendmsg([ANSWER], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, peer)


def answer_plain(server):
    """As above; the answer ends as the question does."""
    with contextlib.suppress(OSError):
        data, extra, _, peer = server.recvmsg(1500, 100)
        before, question, token = data[20:].partition(QUESTION)
        if question:
            own = struct.unpack("i4s4s", extra[0][2])[1]
            info = struct.pack("i4s4s", 0, own, bytes(4))
            message = [before, ANSWER, token]
            server.sendmsg(message, [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, peer)


def note(host, ear):
    packet = ear.recv(65535)
    header = 4 * (packet[0] & 15)
    if packet[9] not in (socket.IPPROTO_TCP, socket.IPPROTO_UDP):
        host.seen.add(packet[-16:])
    else:
        host.seen.add(packet[9:10] + packet[12:20] + packet[header : header + 4])


# --- Packets ---------------------------------------------------------------------------------


def ask(cell, own, address):
    """Returns the mark that the other end would see, and PASSES, REFUSED or nothing."""
    with new_socket(cell.protocol) as client:
        client.bind((own, cell.source_port))
        if cell.protocol == "ping":
            mark = os.urandom(16)
            question, expected = struct.pack("!BBHHH", 8, 0, 0, 0, 1) + mark, mark
        elif cell.protocol in PLAIN:
            mark = os.urandom(16)
            question = PLAIN[cell.protocol][1] + QUESTION + mark
            expected = ANSWER + mark
        else:
            mark = port_mark(cell, own, client.getsockname()[1], address)
            question, expected = QUESTION, ANSWER
        client.settimeout(DOUBT if cell.expected in (ARRIVES, SILENT) else PATIENCE)
        try:
            client.connect((address, cell.port))
            if cell.protocol == "tcp":
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            else:
                # What `output` drops is not permitted; an ICMP error may still come.
                with contextlib.suppress(PermissionError):
                    client.send(question)
            heard = client.recv(1500)
            while cell.protocol in PLAIN and not heard.endswith(mark):
                heard = client.recv(1500)  # that was for another
            return mark, PASSES if heard.endswith(expected) else f"answered by {heard!r}"
        except ConnectionRefusedError:
            return mark, REFUSED
        except TimeoutError:
            return mark, None


def port_mark(cell, own, source_port, address):
    number = socket.IPPROTO_TCP if cell.protocol == "tcp" else socket.IPPROTO_UDP
    ports = struct.pack("!HH", source_port, cell.port)
    return bytes([number]) + socket.inet_aton(own) + socket.inet_aton(address) + ports


def send_forged(cell, address):
    source_port = cell.source_port or 1024
    datagram = struct.pack("!HHHH", source_port, cell.port, 8 + 8, 0) + QUESTION
    send_raw(ip_header(cell.forged, address, socket.IPPROTO_UDP) + datagram, address)
    return port_mark(cell, cell.forged, source_port, address)


def send_icmp_error(own, address, kind):
    """About a datagram that the other end might have sent."""
    mark = os.urandom(16)
    about = ip_header(address, own, socket.IPPROTO_UDP) + struct.pack("!HHHH", 1024, 53, 24, 0)
    message = bytearray(struct.pack("!BBHI", kind, 0, 0, 0) + about + mark)
    message[2:4] = struct.pack("!H", checksum(message))
    send_raw(ip_header(own, address, socket.IPPROTO_ICMP) + message, address)
    return mark


def ip_header(source, target, protocol):
    """The kernel fills in what is 0: total length, identification, checksum."""
    addresses = socket.inet_aton(source) + socket.inet_aton(target)
    return struct.pack("!BBHHHBBH", 0x45, 0, 0, 0, 0, 64, protocol, 0) + addresses


def send_raw(packet, address):
    with socket.socket(socket.AF_INET, socket.SOCK_RAW, socket.IPPROTO_RAW) as out:
        out.sendto(packet, (address, 0))


def checksum(data):
    """Of the Internet protocols (RFC 1071). 0 over data that has its right checksum in it."""
    total = sum(struct.unpack(f"!{len(data) // 2}H", data))
    while total > 0xFFFF:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF
