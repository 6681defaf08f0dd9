"""The networks in which masquerading is tried, and how it is tried.

    with Trial(tally, "MASQ as rule") as trial:
        trial.do("ipchains -P forward DENY", "ipchains -A forward -i ppp0 -j MASQ")
        trial.connect(Cell("inner", "outer", "tcp", 80, PASSES))
        trial.sees("outside", "tcp", 80, PUBLIC, MASQUERADED)

With program="ipfwadm" the commands are ipfwadm's, and so is the table.

Inside are 10.0.0.2 and 10.0.0.3, behind eth0 of the machine with the firewall; outside, behind its
ppp0 or another name, is 199.0.0.1. Outside knows the way to 10.0.0.0/8: what isn't kept in or out
by the firewall gets there.
"""

import socket
import struct
import subprocess

from hosts import PATIENCE, Network
from masq_wire import ESP, GRE, ICMP, TCP, UDP, Ear
from translated import Translated

PUBLIC, INNER, SECOND, OUTER = "200.200.200.200", "10.0.0.2", "10.0.0.3", "199.0.0.1"
MASQUERADED = range(61000, 65096)
NUMBERS = {"tcp": TCP, "udp": UDP, "ping": ICMP, "gre": GRE, "esp": ESP}
FIREWALL = "firewall"
NETLINK_NETFILTER, CT_DELETE, REQUEST_WITH_ACK = 12, 0x0102, 0x0005

PRIVATE = {
    "inner": ("inside", INNER),
    "second": ("inside", SECOND),
    "gateway": (FIREWALL, "10.0.0.1"),
    "public": (FIREWALL, PUBLIC),
    "outer": ("outside", OUTER),
    "client": ("outside", "199.0.0.2"),
    "other client": ("outside", "199.0.0.3"),
}

# Who has which servers.
EVERYTHING = [
    *(("tcp", port) for port in (22, 23, 25, 80, 1723, 7000, 7010, 7070)),
    *(("udp", port) for port in (53, 500, 501, 6970, 7170)),
    ("gre", 0),
    ("esp", 0),
]
SERVERS = {
    "inner": EVERYTHING,
    "outer": EVERYTHING,
    "gateway": [("tcp", 22), ("tcp", 80), ("udp", 53)],
}


def private_network(public="ppp0"):
    return network(PRIVATE, public, "10.0.0.1/8", "10.0.0.2/8")


# The network behind eth0 has public addresses.
PUBLIC_INSIDE = {**PRIVATE, "inner": ("inside", "222.0.0.2"), "gateway": (FIREWALL, "222.0.0.1")}
del PUBLIC_INSIDE["second"]


def public_network():
    return network(PUBLIC_INSIDE, "eth1", "222.0.0.1/24", "222.0.0.2/24")


def network(names, public, gateway, inner):
    net = Network(names)
    net.cable(FIREWALL, "eth0", gateway, "inside", "eth0", inner)
    net.cable(FIREWALL, public, PUBLIC + "/32", "outside", "wire", OUTER + "/32")
    if "second" in names:
        net.ip("inside", f"addr add {SECOND}/8 dev eth0")
    net.ip("inside", f"route add default via {gateway.split('/')[0]}")
    net.ip(FIREWALL, f"route add default via {OUTER} dev {public} onlink")
    for name in ("client", "other client"):
        net.ip("outside", f"addr add {names[name][1]}/32 dev lo")
    net.ip("outside", f"route add default via {PUBLIC} dev wire onlink")
    net.sysctl(FIREWALL, "ip_forward", "1")
    return net


class Trial:
    """A network of its own, and what has been tried in it last."""

    # Options of fw-translate: what it makes of the commands is loaded instead.
    translation = None

    def __init__(self, tally, title, net=None, program="ipchains"):
        self.tally, self.title, self.program = tally, title, program
        self.translated = None if Trial.translation is None else Translated(Trial.translation)
        self.table = "firewall" if self.translated else program
        self.net = net or private_network()
        self.ears = {}
        self.net.serve([(name, *what) for name, services in SERVERS.items() for what in services])

    def __enter__(self):
        self.listen()
        return self

    def __exit__(self, *problem):
        self.close_ears()
        self.net.__exit__(*problem)

    def check(self, what, wanted, found):
        self.tally.check(f"{self.title}: {what}", wanted, found)

    # --- The firewall

    def do(self, *commands):
        """Commands that must succeed and have nothing to say."""
        for command in commands:
            if self.translated and self.translated.notes(command):
                continue
            done = self.run(command)
            self.check(command, (0, ""), (done.returncode, done.stderr))
        if self.translated:
            self.check("fw-translate", None, self.translated.load(self.net, FIREWALL))

    def script(self, text):
        lines = (line.strip() for line in text.splitlines())
        self.do(*(line for line in lines if line and not line.startswith("#")))

    def run(self, command):
        return self.net.run(
            FIREWALL,
            ["sh", "-c", command],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            timeout=30,
        )

    def ruleset(self):
        return self.run(f"nft list table ip {self.table}").stdout

    def counts(self, chain):
        """The packets that each rule of a chain has counted."""
        listing = {"ipchains": f"-L {chain} -v -x -n", "ipfwadm": f"-{chain[0].upper()} -l -e -x -n"}
        lines = self.run(f"{self.program} {listing[self.program]}").stdout.splitlines()
        return [int(line.split()[0]) for line in lines[2:]]

    def is_counted(self, chain, wanted):
        """After `ipchains -Z`: which rules of the chain have counted something."""
        if self.translated:
            return  # the table is nft's own
        self.check(f"{chain}: rules that count", wanted, [n > 0 for n in self.counts(chain)])

    def forget_connections(self):
        """All that the kernel tracks: IPCTNL_MSG_CT_DELETE of anything."""
        with self.net.on(FIREWALL):
            netlink = socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, NETLINK_NETFILTER)
        with netlink:
            netlink.send(struct.pack("=IHHIIBBH", 20, CT_DELETE, REQUEST_WITH_ACK, 1, 0, 2, 0, 0))
            answer = struct.unpack("=I2HIIi", netlink.recv(100)[:20])
            self.check("connections forgotten", 0, answer[-1])

    # --- Packets

    def listen(self):
        self.close_ears()
        for name in self.net.hosts:
            with self.net.on(name):
                self.ears[name] = Ear()

    def close_ears(self):
        for ear in self.ears.values():
            ear.socket.close()
        self.ears = {}

    def connect(self, *cells, leaks=False):
        """Tries the connections; then sees() and hears() tell of their packets."""
        self.listen()
        for cell, outcome in zip(cells, self.net.outcomes(cells), strict=True):
            self.check(str(cell), cell.expected, outcome)
        if not leaks:
            self.tight()

    def tight(self):
        """Nothing with an inner address has come out."""
        found = [str(p) for p in self.ears["outside"].packets() if p.source.startswith("10.")]
        self.check("inner addresses outside", [], found)

    def heard(self, host, protocol, port, seconds=0.0):
        """The packets for this port that came to the host since the last connect()."""
        number = NUMBERS[protocol]

        def fits(packet):
            wanted = 8 if protocol == "ping" else port
            found = packet.source_port if protocol == "ping" else packet.target_port
            return packet.protocol == number and wanted == found

        self.ears[host].wait(fits, seconds)
        return [packet for packet in self.ears[host].packets() if fits(packet)]

    def sees(self, host, protocol, port, address, ports=None):
        """Packets came to the host, all from the address and, if given, from one of the ports."""
        packets = self.heard(host, protocol, port, PATIENCE)
        self.check(f"{host} sees {protocol} {port} from", {address}, {p.source for p in packets})
        if ports is not None:
            strange = [p.source_port for p in packets if p.source_port not in ports]
            self.check(f"{host} sees {protocol} {port} from other ports", [], strange)

    def sees_nothing(self, host, protocol, port, seconds=0.0):
        found = [str(p) for p in self.heard(host, protocol, port, seconds)]
        self.check(f"{host} sees {protocol} {port}", [], found)


class Conversation:
    """A TCP connection from inside to outside, both ends in our hands."""

    def __init__(self, trial):
        with trial.net.on("outside"):
            with socket.create_server((OUTER, 4444)) as server:
                with trial.net.on("inside"):
                    self.client = socket.create_connection((OUTER, 4444), timeout=PATIENCE)
                self.server, (self.address, _) = server.accept()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()
        self.server.close()

    def goes_on(self, patience=PATIENCE):
        """Whether a line and its answer get through."""
        self.server.settimeout(patience)
        self.client.settimeout(patience)
        try:
            self.client.send(b"line")
            self.server.send(self.server.recv(100))
            return self.client.recv(100) == b"line"
        except TimeoutError:
            return False
