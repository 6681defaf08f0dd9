"""How connections through a firewall are made, listed, and found in the kernel's own list."""

import contextlib
import re
import shlex
import socket
import struct

from hosts import PATIENCE
from masq_trial import FIREWALL, INNER, OUTER, PUBLIC, private_network

FOREIGN = "199.0.0.2"  # masqueraded by another program
PLAIN = "199.0.0.3"  # not masqueraded
RULES = f"""
    ipchains -P forward DENY
    ipchains -A forward -i ppp0 -s 10.0.0.0/8 -d {OUTER} -j MASQ
    ipchains -A forward -b -s 10.0.0.0/8 -d {FOREIGN} -j ACCEPT
    ipchains -A forward -b -s 10.0.0.0/8 -d {PLAIN} -j ACCEPT
    ipchains -A forward -i eth0 -s {OUTER} -j ACCEPT
    ipmasqadm portfw -a -P tcp -L {PUBLIC} 8080 -R {INNER} 80
"""
# Other programs' connections are masqueraded and forwarded, too.
OTHERS = f"""
table ip others {{
    chain out {{
        type nat hook postrouting priority 101;
        ip daddr {FOREIGN} masquerade
    }}
    chain in {{
        type nat hook prerouting priority -101;
        ip daddr {PUBLIC} tcp dport 2222 dnat to {INNER}:22
    }}
}}
"""
TITLE = "IP masquerading entries"
HEADING = "prot expire   source               destination          ports"
ROW = re.compile(
    r"(?P<protocol>\S+) +(?P<minutes>\d\d+):(?P<seconds>[0-5]\d)\.00 (?P<inner>\S+) +"
    r"(?P<outer>\S+) +(?P<inner_port>\S+) \((?P<port>\d+)\) -> (?P<outer_port>\S+)"
)
TIMEOUTS = {
    "tcp": ["tcp_timeout_established"],
    "tcpfin": [f"tcp_timeout_{s}" for s in ("fin_wait", "close_wait", "last_ack", "time_wait")],
    "udp": ["udp_timeout", "udp_timeout_stream"],
}


class Trial:
    """Hosts, a machine with a firewall between them, and connections that stay open."""

    def __init__(self, tally, title):
        self.tally, self.title = tally, title
        self.net = private_network()
        self.sockets = contextlib.ExitStack()
        self.listeners = {}

    def __enter__(self):
        return self

    def __exit__(self, *problem):
        self.sockets.close()
        self.net.__exit__(*problem)

    # --- The firewall

    def check(self, what, wanted, found):
        self.tally.check(f"{self.title}: {what}", wanted, found)

    def run(self, command):
        words = ["sh", "-c", command]
        return self.net.run(FIREWALL, words, capture_output=True, text=True, timeout=30)

    def do(self, *commands):
        for command in commands:
            done = self.run(command)
            self.check(command, (0, "", ""), (done.returncode, done.stdout, done.stderr))

    def says(self, command, text):
        done = self.run(command)
        self.check(command, (0, text, ""), (done.returncode, done.stdout, done.stderr))

    def forward(self, rules):
        self.do(*(line.strip() for line in rules.strip().splitlines()))
        self.do(f"echo {shlex.quote(OTHERS)} | nft -f -")

    def rows(self, command, heading):
        """Of the listing: how many seconds each connection has."""
        done = self.run(command)
        self.check(command, (0, ""), (done.returncode, done.stderr))
        lines = done.stdout.splitlines()
        self.check(f"{command}: heading", [TITLE, heading], lines[:2])
        rows = {}
        for line in lines[2:]:
            row = ROW.fullmatch(line)
            if row is None:
                self.check(f"{command}: form of a line", "a connection", line)
                continue
            key = row.group("protocol", "inner", "outer", "inner_port", "port", "outer_port")
            rows[key] = 60 * int(row["minutes"]) + int(row["seconds"])
        self.check(f"{command}: lines", len(rows), len(lines[2:]))
        return rows

    def truth(self):
        """The same from the kernel, without names, and how many connections there are at all."""
        lines = self.run("cat /proc/net/nf_conntrack").stdout.splitlines()
        return dict(filter(None, map(tracked, lines))), len(lines)

    def timeouts(self):
        found = {}
        for kind, names in TIMEOUTS.items():
            paths = " ".join(f"/proc/sys/net/netfilter/nf_conntrack_{name}" for name in names)
            found[kind] = set(map(int, self.run(f"cat {paths}").stdout.split()))
        return found

    def expires(self, protocol, seconds, inner=INNER):
        rows = self.rows("ipchains -M -L -n", HEADING)
        found = [rows[row] for row in rows if row[:2] == (protocol, inner)]
        good = len(found) == 1 and seconds - 3 <= found[0] <= seconds
        self.check(f"{protocol} expires within {seconds} seconds: {found}", True, good)

    # --- Connections

    def socket(self, host, kind, own, protocol=0):
        with self.net.on(host):
            new = self.sockets.enter_context(socket.socket(socket.AF_INET, kind, protocol))
        new.settimeout(PATIENCE)
        new.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        new.bind(own)
        return new

    def listener(self, host, kind, port):
        if (host, kind, port) not in self.listeners:
            new = self.socket(host, kind, ("0.0.0.0", port))
            self.listeners[host, kind, port] = new
            if kind == socket.SOCK_STREAM:
                new.listen()
        return self.listeners[host, kind, port]

    def tcp(self, client_host, own, server_host, address, port, server_port=None):
        listener = self.listener(server_host, socket.SOCK_STREAM, server_port or port)
        client = self.socket(client_host, socket.SOCK_STREAM, (own, 0))
        client.connect((address, port))
        server = self.sockets.enter_context(listener.accept()[0])
        server.settimeout(PATIENCE)
        client.send(b"x")
        server.recv(1)
        return client, server

    def udp(self, own, address, port, answered):
        server = self.listener("outside", socket.SOCK_DGRAM, port)
        client = self.socket("inside", socket.SOCK_DGRAM, (own, 0))
        client.connect((address, port))
        client.send(b"x")
        peer = server.recvfrom(1)[1]
        if answered:
            server.sendto(b"y", peer)
            client.recv(1)
            client.send(b"x")
            server.recvfrom(1)

    def ping(self, own, address):
        client = self.socket("inside", socket.SOCK_DGRAM, (own, 0), socket.IPPROTO_ICMP)
        client.sendto(struct.pack("!BBHHH", 8, 0, 0, 0, 1), (address, 0))
        client.recv(100)

    def raw(self, own, address, protocol, payload):
        server = self.socket("outside", socket.SOCK_RAW, ("0.0.0.0", 0), protocol)
        client = self.socket("inside", socket.SOCK_RAW, (own, 0), protocol)
        client.sendto(payload, (address, 0))
        server.recv(100)


def tracked(line):
    """A line of /proc/net/nf_conntrack as a row of the listing, or None if it isn't ours."""
    words = line.split()
    name, timeout = words[2], int(words[4])
    original, reply = {}, {}
    for word in words[5:]:
        field, equals, value = word.partition("=")
        if equals:
            (reply if field in original else original)[field] = value
    protocol = {"unknown": words[3]}.get(name, name.upper())
    if original["src"].startswith("10.") and original["dst"] == OUTER:
        inner, outer, port = original, original["dst"], reply.get("dport", "0")
        ports = [original.get("sport", "0"), port, original.get("dport", "0")]
    elif original.get("dport") == "8080":
        inner, outer = reply, original["src"]
        ports = [reply["sport"], original["dport"], original["sport"]]
    else:
        return None
    if name == "icmp":
        kind = int(original["type"]) << 8 | int(original["code"])
        ports = [original["id"], reply["id"], str(kind)]
    return (protocol, inner["src"], outer, *ports), timeout
