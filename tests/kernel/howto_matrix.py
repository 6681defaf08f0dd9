"""Section 7 of the ipchains HOWTO as it is meant: who reaches which service of whom. Every cell."""

from hosts import ARRIVES, CLOSED, PASSES, REFUSED, SERVED, SILENT, Cell

SERVICES = {
    "www": ("tcp", 80),
    "ssh": ("tcp", 22),
    "ftp": ("tcp", 21),
    "smtp": ("tcp", 25),
    "pop-3": ("tcp", 110),
    "domain": ("udp", 53),
    "domain-tcp": ("tcp", 53),
    "rsync": ("tcp", 873),
    "ping": ("ping", 0),
    "traceroute": ("udp", 33434),
}

# (from, to): what passes, and what becomes of the rest. Each server is in both directions.
SERVERS = ("smtp", "dns", "www")
FIREWALL = ("ppp0", "eth0", "eth1")
MATRIX = {
    ("inside", "smtp"): ("smtp pop-3", SILENT),
    ("inside", "dns"): ("domain domain-tcp", SILENT),
    ("inside", "www"): ("www rsync", SILENT),
    ("inside", "outside"): ("www ssh ftp ping traceroute", REFUSED),
    ("outside", "smtp"): ("smtp", SILENT),
    ("outside", "dns"): ("domain domain-tcp", SILENT),
    ("outside", "www"): ("www", SILENT),
    ("outside", "inside"): ("", REFUSED),
    # The servers answer; they begin nothing.
    **{(server, other): ("", SILENT) for server in SERVERS for other in ("inside", "outside")},
    # The machine between them answers pings from inside.
    ("inside", "eth1"): ("ping", SILENT),
    **{("inside", address): ("", SILENT) for address in ("ppp0", "eth0")},
    **{(server, address): ("", SILENT) for server in SERVERS for address in FIREWALL},
    **{("outside", address): ("", SILENT) for address in FIREWALL},
    # What it asks gets there, but few answers come in.
    ("eth1", "inside"): ("ping traceroute", ARRIVES),
    ("ppp0", "outside"): ("ping traceroute", ARRIVES),
    ("eth0", "smtp"): ("ping traceroute", ARRIVES),
    ("eth0", "www"): ("ping traceroute", ARRIVES),
    ("eth0", "dns"): ("ping traceroute domain domain-tcp", ARRIVES),
}


def cell(source, target, service, passing, otherwise):
    protocol, port = SERVICES[service]
    expected = PASSES if service in passing.split() else otherwise
    if service == "traceroute" and expected == PASSES:
        # Nobody is there, and the ICMP error that says so comes back. Whose question it was is
        # known only where it is not masqueraded.
        expected = REFUSED if source == "inside" else CLOSED
    return Cell(source, target, protocol, port, expected)


CELLS = [
    cell(source, target, service, passing, otherwise)
    for (source, target), (passing, otherwise) in MATRIX.items()
    for service in SERVICES
]

# All of them are there for everybody: what doesn't pass is the rules' doing.
SERVED_BY_ALL = {
    (name, protocol, port)
    for name in ("inside", "outside", "smtp", "ppp0")
    for service, (protocol, port) in SERVICES.items()
    if protocol in SERVED and service != "traceroute"
}
