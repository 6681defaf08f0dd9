"""The networks of the ipchains HOWTO's examples, and who reaches whom in them.

A network is built by a function without arguments. In a table, a name stands for a host and one of
its addresses: the functions say which.
"""

from hosts import ARRIVES, CLOSED, ICMP_ERRORS, PASSES, REFUSED, SILENT, Cell, Network

LOCALIP = "192.0.2.42"

# --- Section 4.2: one machine, a modem -------------------------------------------------------

MODEM_NAMES = {
    "me": ("firewall", LOCALIP),
    "me inside": ("firewall", "192.168.1.1"),
    "loopback": ("firewall", "127.0.0.1"),
    "inner": ("inner", "192.168.1.2"),
    "nameserver": ("outer", "203.29.16.1"),
    "proxy": ("outer", "203.29.16.2"),
    "news": ("outer", "203.29.16.3"),
    "mail": ("outer", "203.29.16.4"),
    "ftp server": ("outer", "203.29.17.21"),
    "ads 207": ("outer", "199.95.207.10"),
    "ads 208": ("outer", "199.95.208.10"),
    "no ads": ("outer", "199.95.209.10"),
    "stranger": ("outer", "198.51.100.9"),
}


def one_modem():
    net = Network(MODEM_NAMES)
    net.cable("firewall", "ppp0", LOCALIP + "/32", "outer", "ppp0", "203.0.113.1/32")
    net.cable("firewall", "eth0", "192.168.1.1/24", "inner", "eth0", "192.168.1.2/24")
    net.ip("firewall", "route add default via 203.0.113.1 dev ppp0 onlink")
    net.ip("outer", f"route add default via {LOCALIP} dev ppp0 onlink")
    net.ip("inner", "route add default via 192.168.1.1")
    add_addresses(net, "outer")
    return net


def add_addresses(net, host):
    for at, address in net.names.values():
        if at == host:
            net.ip(host, f"addr add {address}/32 dev lo")


USEFUL_EXAMPLES = [
    # No process here talks to doubleclick.net.
    Cell("me", "ads 207", "tcp", 80, REFUSED),
    Cell("me", "ads 207", "udp", 53, REFUSED),
    Cell("me", "ads 207", "ping", 0, REFUSED),
    Cell("me", "ads 208", "tcp", 80, REFUSED),
    # Everybody may try FTP, and nothing else.
    Cell("stranger", "me", "tcp", 21, PASSES),
    Cell("stranger", "me", "tcp", 20, SILENT),
    Cell("stranger", "me", "tcp", 23, SILENT),
    Cell("stranger", "me", "tcp", 80, SILENT),
    Cell("stranger", "me", "udp", 21, SILENT),
    Cell("stranger", "me", "ping", 0, SILENT),
    # DNS answers come from the provider's server, for the name server here.
    Cell("me", "nameserver", "udp", 53, PASSES, source_port=53),
    Cell("me", "nameserver", "udp", 53, ARRIVES, source_port=1053),
    Cell("nameserver", "me", "udp", 53, PASSES),
    Cell("nameserver", "me", "udp", 1025, SILENT),
    Cell("nameserver", "me", "tcp", 53, SILENT),
    Cell("stranger", "me", "udp", 53, SILENT),
    # FTP data goes to high ports, but not to those of X11.
    *(
        Cell("ftp server", "me", "tcp", port, expected, source_port=20)
        for expected, ports in [
            (PASSES, (1024, 2000, 5999, 6010, 65535)),
            (SILENT, (22, 1023, 6000, 6005, 6009)),
        ]
        for port in ports
    ),
    Cell("ftp server", "me", "tcp", 2000, SILENT, source_port=1025),
    Cell("ftp server", "me", "udp", 2000, SILENT, source_port=20),
    # No rule lets the answers to other connections in.
    Cell("me", "no ads", "tcp", 80, ARRIVES),
    Cell("me", "proxy", "tcp", 8080, ARRIVES),
    Cell("me", "ftp server", "tcp", 21, ARRIVES),
    Cell("me", "stranger", "ping", 0, ARRIVES),
    # From here to here is fine.
    Cell("loopback", "loopback", "tcp", 80, PASSES),
    Cell("loopback", "loopback", "udp", 53, PASSES),
    Cell("loopback", "loopback", "ping", 0, PASSES),
    Cell("me", "me", "tcp", 80, PASSES),
    Cell("me inside", "me inside", "ping", 0, PASSES),
    # There is no inside network yet.
    Cell("inner", "me inside", "tcp", 21, SILENT),
    Cell("inner", "me inside", "ping", 0, SILENT),
    Cell("inner", "me", "tcp", 21, SILENT),
    Cell("me inside", "inner", "tcp", 80, ARRIVES),
    # Nobody outside is from inside.
    Cell("stranger", "me", "forged", 21, SILENT, forged="192.168.1.1"),
    Cell("stranger", "me", "forged", 53, SILENT, forged="192.168.1.77"),
    Cell("stranger", "me", "forged", 53, ARRIVES, forged="203.29.16.1"),
]

# (to, port, TOS before, TOS on the wire)
TYPE_OF_SERVICE = [
    ("proxy", 8080, 0x00, 0x10),
    ("proxy", 8080, 0x1C, 0x10),
    ("stranger", 8080, 0x1C, 0x1C),
    # "-d 0.0.0.0", as printed, is one address.
    ("stranger", 23, 0x00, 0x00),
    ("stranger", 23, 0x08, 0x08),
    ("stranger", 20, 0x00, 0x02),
    ("news", 119, 0x08, 0x02),
    ("mail", 110, 0x10, 0x02),
    ("mail", 25, 0x10, 0x10),
]

# --- Sections 4.1, 5.1 and 5.6: commands one by one, and what holds after each ------------------

LOOPBACK = Cell("loopback", "loopback", "ping", 0, PASSES)
LOOPBACK_TCP = Cell("loopback", "loopback", "tcp", 80, PASSES)
FROM_OUTSIDE = Cell("stranger", "me", "tcp", 21, PASSES)
FROM_INSIDE = Cell("inner", "me inside", "tcp", 21, PASSES)


def silent(*cells):
    return [cell._replace(expected=SILENT) for cell in cells]


# (command, its standard output, connections)
FIRST_STEPS = [
    ("ipchains -A input -s 127.0.0.1 -p icmp -j DENY", "", [*silent(LOOPBACK), LOOPBACK_TCP]),
    ("ipchains -D input 1", "", [LOOPBACK]),
    ("ipchains -A input -s 127.0.0.1 -p icmp -j DENY", "", silent(LOOPBACK)),
    ("ipchains -D input -s 127.0.0.1 -p icmp -j DENY", "", [LOOPBACK]),
    ("ipchains -A input -s 0/0 -j DENY", "", silent(LOOPBACK, LOOPBACK_TCP, FROM_OUTSIDE)),
    ("ipchains -D input 1", "", [LOOPBACK, FROM_OUTSIDE]),
    ("ipchains -A output -f -d 192.168.1.1 -j DENY", "", [FROM_INSIDE]),
    ("ipchains -A input -s 192.168.1.1", "", [FROM_INSIDE]),
    ("ipchains -N test", "", []),
    ("ipchains -X test", "", []),
    ("ipchains -F forward", "", []),
    (
        "ipchains -C input -p tcp -y -i eth0 -s 192.168.1.1 60000 -d 192.168.1.2 www",
        "accepted\n",
        [],
    ),
    # Closed while the rules change.
    ("ipchains -I input 1 -j DENY", "", silent(LOOPBACK, FROM_OUTSIDE)),
    ("ipchains -I output 1 -j DENY", "", []),
    ("ipchains -I forward 1 -j DENY", "", silent(FROM_INSIDE)),
    ("ipchains -D input 1", "", []),
    ("ipchains -D output 1", "", []),
    ("ipchains -D forward 1", "", [LOOPBACK, FROM_OUTSIDE, FROM_INSIDE]),
]

IP_UP_AND_DOWN = [
    ("ipchains -A input -i ppp0 -j DENY", "", [*silent(FROM_OUTSIDE), FROM_INSIDE]),
    ("ipchains -N ppp-in", "", []),
    (f"ipchains -A ppp-in -p TCP -d {LOCALIP} ftp -j ACCEPT", "", []),
    ("ipchains -A ppp-in -j DENY", "", silent(FROM_OUTSIDE)),
    (
        "ipchains -R input 1 -i ppp0 -j ppp-in",
        "",
        [FROM_OUTSIDE, *silent(FROM_OUTSIDE._replace(port=23)), FROM_INSIDE],
    ),
    ("ipchains -R input 1 -i ppp0 -j DENY", "", [*silent(FROM_OUTSIDE), FROM_INSIDE]),
]

# --- Section 5.7: three networks, forged addresses -------------------------------------------

THREE_NAMES = {
    "me": ("firewall", LOCALIP),
    "me eth0": ("firewall", "192.168.1.1"),
    "me eth1": ("firewall", "10.0.0.1"),
    "loopback": ("firewall", "127.0.0.1"),
    "office": ("office", "192.168.1.2"),
    "lab": ("lab", "10.0.0.2"),
    "stranger": ("outer", "203.0.113.1"),
}


def three_networks():
    net = Network(THREE_NAMES)
    net.cable("firewall", "ppp0", LOCALIP + "/32", "outer", "ppp0", "203.0.113.1/32")
    net.cable("firewall", "eth0", "192.168.1.1/24", "office", "eth0", "192.168.1.2/24")
    net.cable("firewall", "eth1", "10.0.0.1/8", "lab", "eth0", "10.0.0.2/8")
    net.ip("firewall", "route add default via 203.0.113.1 dev ppp0 onlink")
    net.ip("outer", f"route add default via {LOCALIP} dev ppp0 onlink")
    net.ip("office", "route add default via 192.168.1.1")
    net.ip("lab", "route add default via 10.0.0.1")
    net.sysctl("firewall", "ip_forward", "1")
    return net


FORGED_ADDRESSES = [
    Cell("office", "me eth0", "tcp", 80, PASSES),
    Cell("office", "me eth0", "ping", 0, PASSES),
    Cell("office", "lab", "tcp", 80, PASSES),
    Cell("office", "stranger", "udp", 53, PASSES),
    Cell("lab", "me eth1", "tcp", 80, PASSES),
    Cell("lab", "office", "tcp", 80, PASSES),
    Cell("lab", "stranger", "ping", 0, PASSES),
    Cell("stranger", "me", "tcp", 80, PASSES),
    Cell("stranger", "office", "tcp", 80, PASSES),
    Cell("stranger", "lab", "udp", 53, PASSES),
    Cell("me eth1", "lab", "tcp", 80, PASSES),
    Cell("loopback", "loopback", "tcp", 80, PASSES),
    Cell("me", "me", "tcp", 80, PASSES),
    # "! eth0" is lo, too.
    Cell("me eth0", "me eth0", "tcp", 80, SILENT),
    Cell("me eth0", "me eth0", "ping", 0, SILENT),
    *(
        Cell(source, target, "forged", 53, expected, forged=forged)
        for source, target, forged, expected in [
            ("office", "me eth0", "192.168.1.99", ARRIVES),
            ("office", "me eth0", "10.1.1.1", SILENT),
            ("office", "me eth0", "203.0.113.77", SILENT),
            ("office", "lab", "203.0.113.77", SILENT),
            ("lab", "me eth1", "10.9.9.9", ARRIVES),
            ("lab", "me eth1", "192.168.1.99", SILENT),
            ("lab", "stranger", "203.0.113.77", SILENT),
            ("stranger", "me", "198.51.100.7", ARRIVES),
            ("stranger", "me", "192.168.1.99", SILENT),
            ("stranger", "lab", "10.9.9.9", SILENT),
            ("stranger", "me", "127.0.0.1", SILENT),
        ]
    ),
]

# The packets that each rule of input drops.
FORGED_COUNTERS = [3, 4, 1, 1, 1]

# --- Section 7: inside ("bon"), servers ("zdm") and outside ("mauvais") -----------------------

SERIOUS_NAMES = {
    "ppp0": ("firewall", "192.84.219.1"),
    "eth0": ("firewall", "192.84.219.250"),
    "eth1": ("firewall", "192.168.1.250"),
    "loopback": ("firewall", "127.0.0.1"),
    "inside": ("inside", "192.168.1.10"),
    "smtp": ("servers", "192.84.219.128"),
    "dns": ("servers", "192.84.219.129"),
    "www": ("servers", "192.84.219.130"),
    "www as printed": ("servers", "192.84.218.130"),
    "outside": ("outside", "203.0.113.1"),
}


def serious_network():
    net = Network(SERIOUS_NAMES)
    net.cable("firewall", "ppp0", "192.84.219.1/32", "outside", "ppp0", "203.0.113.1/32")
    net.cable("firewall", "eth0", "192.84.219.250/24", "servers", "eth0", "192.84.219.128/24")
    net.cable("firewall", "eth1", "192.168.1.250/24", "inside", "eth0", "192.168.1.10/24")
    net.ip("servers", "addr add 192.84.219.129/24 dev eth0")
    net.ip("servers", "addr add 192.84.219.130/24 dev eth0")
    net.ip("servers", "addr add 192.84.218.130/32 dev eth0")
    net.ip("firewall", "route add 192.84.218.130 dev eth0")
    net.ip("firewall", "route add default via 203.0.113.1 dev ppp0 onlink")
    net.ip("servers", "route add default via 192.84.219.250")
    net.ip("inside", "route add default via 192.168.1.250")
    net.ip("outside", "route add default via 192.84.219.1 dev ppp0 onlink")
    net.sysctl("firewall", "ip_forward", "1")
    return net


def icmp_errors(source, target, expected=ARRIVES):
    """icmp-acc lets all of them pass but redirects."""
    for error in ICMP_ERRORS:
        yield Cell(source, target, error, 0, SILENT if error == "redirect" else expected)


# What the rules say of the machine itself does not depend on the misprints.
MACHINE_ITSELF = [
    # It pings and traces routes on all sides, and asks the name server.
    Cell("ppp0", "outside", "ping", 0, PASSES),
    Cell("eth0", "smtp", "ping", 0, PASSES),
    Cell("eth1", "inside", "ping", 0, PASSES),
    Cell("ppp0", "outside", "udp", 33435, CLOSED),
    Cell("eth0", "smtp", "udp", 33435, CLOSED),
    Cell("eth1", "inside", "udp", 33435, CLOSED),
    *icmp_errors("outside", "ppp0"),
    *icmp_errors("smtp", "eth0"),
    *icmp_errors("inside", "eth1"),
    Cell("eth0", "dns", "udp", 53, PASSES),
    Cell("eth0", "dns", "tcp", 53, PASSES),
    Cell("eth0", "smtp", "tcp", 25, ARRIVES),
    Cell("ppp0", "outside", "tcp", 80, ARRIVES),
    Cell("loopback", "loopback", "tcp", 80, PASSES),
    # Inside may ping it, at its inside address.
    Cell("inside", "eth1", "ping", 0, PASSES),
    Cell("inside", "eth0", "ping", 0, SILENT),
    Cell("inside", "ppp0", "ping", 0, SILENT),
    Cell("inside", "eth1", "tcp", 22, SILENT),
    Cell("inside", "eth1", "udp", 53, SILENT),
    Cell("eth1", "eth1", "ping", 0, SILENT),  # not over eth1, but lo
    # The servers may not; the name server's answers come in.
    Cell("smtp", "eth0", "ping", 0, SILENT),
    Cell("smtp", "eth0", "tcp", 22, SILENT),
    Cell("dns", "eth0", "udp", 5000, PASSES, source_port=53),
    Cell("dns", "eth0", "udp", 5000, SILENT, source_port=1053),
    Cell("dns", "eth0", "tcp", 5000, SILENT, source_port=53),
    Cell("smtp", "eth0", "udp", 5000, SILENT, source_port=53),
    # Outside reaches the ports of masqueraded connections only.
    Cell("outside", "ppp0", "ping", 0, SILENT),
    Cell("outside", "ppp0", "tcp", 22, SILENT),
    Cell("outside", "ppp0", "tcp", 60999, SILENT),
    Cell("outside", "ppp0", "tcp", 61000, PASSES),
    Cell("outside", "ppp0", "tcp", 65096, PASSES),
    Cell("outside", "ppp0", "tcp", 65097, SILENT),
    Cell("outside", "ppp0", "udp", 62000, PASSES),
    Cell("outside", "eth0", "tcp", 61000, SILENT),
    # Outside doesn't reach inside.
    Cell("outside", "inside", "tcp", 80, REFUSED),
    Cell("outside", "inside", "udp", 53, REFUSED),
    Cell("outside", "inside", "ping", 0, REFUSED),
    *icmp_errors("outside", "inside", SILENT),
    # What inside may not do outside.
    Cell("inside", "outside", "tcp", 23, REFUSED),
    Cell("inside", "outside", "tcp", 25, REFUSED),
    Cell("inside", "outside", "udp", 53, REFUSED),
    Cell("inside", "outside", "udp", 33433, REFUSED),
    # Nobody uses an address of the others.
    Cell("outside", "dns", "forged", 53, SILENT, forged="192.168.1.66"),
    Cell("outside", "dns", "forged", 53, SILENT, forged="192.84.219.200"),
    Cell("outside", "dns", "forged", 53, ARRIVES, forged="203.0.113.77"),
    Cell("inside", "dns", "forged", 53, SILENT, forged="203.0.113.88"),
    Cell("inside", "dns", "forged", 53, ARRIVES, forged="192.168.1.77"),
]

# What inside may do outside. All of it needs masquerading: outside has a way to 192.168.1.0/24, but
# what it sends there is refused.
MASQUERADED = [
    Cell("inside", "outside", "tcp", 80, PASSES),
    Cell("inside", "outside", "tcp", 22, PASSES),
    Cell("inside", "outside", "tcp", 21, PASSES),
    Cell("inside", "outside", "ping", 0, PASSES),
    # Nobody is there: its ICMP error finds back.
    Cell("inside", "outside", "udp", 33434, REFUSED),
]

INSIDE_TO_SERVERS = [
    Cell("inside", "smtp", "tcp", 25, PASSES),
    Cell("inside", "smtp", "tcp", 22, SILENT),
    Cell("inside", "dns", "udp", 53, PASSES),
    Cell("inside", "dns", "tcp", 53, PASSES),
    Cell("inside", "dns", "tcp", 25, SILENT),
    Cell("inside", "smtp", "udp", 53, SILENT),
    Cell("inside", "www", "tcp", 22, SILENT),
    Cell("inside", "www", "ping", 0, SILENT),
    Cell("inside", "dns", "udp", 33434, SILENT),
    *icmp_errors("inside", "smtp"),
    *icmp_errors("smtp", "inside"),
    Cell("dns", "inside", "udp", 2000, PASSES, source_port=53),
]

SERIOUS = [
    *MACHINE_ITSELF,
    *MASQUERADED,
    *INSIDE_TO_SERVERS,
    Cell("inside", "smtp", "tcp", 110, PASSES),
    Cell("inside", "www", "tcp", 80, PASSES),
    Cell("inside", "www", "tcp", 873, PASSES),
    # The servers open no connection to inside.
    Cell("smtp", "inside", "tcp", 22, SILENT),
    Cell("smtp", "inside", "tcp", 22, SILENT, source_port=25),
    Cell("www", "inside", "tcp", 22, SILENT, source_port=873),
    Cell("dns", "inside", "udp", 2000, SILENT, source_port=1053),
    Cell("www", "inside", "ping", 0, SILENT),
    # Outside reaches mail, names and pages.
    Cell("outside", "smtp", "tcp", 25, PASSES),
    Cell("outside", "smtp", "tcp", 110, SILENT),
    Cell("outside", "dns", "udp", 53, PASSES),
    Cell("outside", "dns", "tcp", 53, PASSES),
    Cell("outside", "www", "tcp", 80, PASSES),
    Cell("outside", "www", "tcp", 873, SILENT),
    Cell("outside", "www", "ping", 0, SILENT),
    *icmp_errors("outside", "www"),
    *icmp_errors("www", "outside"),
    # The servers reach outside from their own ports only: name servers of the time asked from port
    # 53, but the mail server's deliveries are left without a rule.
    Cell("dns", "outside", "udp", 53, PASSES, source_port=53),
    Cell("dns", "outside", "tcp", 53, PASSES, source_port=53),
    Cell("dns", "outside", "udp", 53, SILENT, source_port=1053),
    Cell("smtp", "outside", "tcp", 25, PASSES, source_port=25),
    Cell("smtp", "outside", "tcp", 25, SILENT),
    Cell("www", "outside", "tcp", 80, SILENT, source_port=80),
    Cell("www", "outside", "ping", 0, SILENT),
]

# The misprints: the rule that should end zdm-bon comes first in zdm-mauvais, the answers of the POP
# server have no rule, and the web server's address is not in the servers' network.
SERIOUS_AS_PRINTED = [
    *MACHINE_ITSELF,
    *MASQUERADED,
    *INSIDE_TO_SERVERS,
    # Mail and pages don't come back.
    Cell("inside", "smtp", "tcp", 110, ARRIVES),
    Cell("inside", "www as printed", "tcp", 80, ARRIVES),
    Cell("inside", "www as printed", "tcp", 873, ARRIVES),
    # What zdm-bon lets fall goes on to mauvais-bon.
    Cell("smtp", "inside", "tcp", 22, REFUSED),
    Cell("smtp", "inside", "tcp", 22, REFUSED, source_port=25),
    Cell("dns", "inside", "udp", 2000, REFUSED, source_port=1053),
    Cell("www", "inside", "ping", 0, REFUSED),
    # Nothing of the servers' gets out.
    Cell("outside", "smtp", "tcp", 25, ARRIVES),
    Cell("outside", "smtp", "tcp", 110, SILENT),
    Cell("outside", "dns", "udp", 53, ARRIVES),
    Cell("outside", "dns", "tcp", 53, ARRIVES),
    Cell("outside", "www as printed", "tcp", 80, ARRIVES),
    Cell("outside", "www as printed", "tcp", 873, SILENT),
    *icmp_errors("outside", "www"),
    *icmp_errors("www", "outside", SILENT),
    Cell("dns", "outside", "udp", 53, SILENT, source_port=53),
    Cell("smtp", "outside", "tcp", 25, SILENT, source_port=25),
]

# Section 2.3: how the firewall is stopped. (command, exit status): chains with rules stay.
STOP = [
    ("ipchains -X", 1),
    ("ipchains -F", 0),
    ("ipchains -P input ACCEPT", 0),
    ("ipchains -P output ACCEPT", 0),
    ("ipchains -P forward ACCEPT", 0),
]

STOPPED = [
    Cell("outside", "inside", "tcp", 80, PASSES),
    Cell("outside", "www", "ping", 0, PASSES),
    Cell("inside", "outside", "tcp", 23, PASSES),
    Cell("inside", "smtp", "tcp", 22, PASSES),
    Cell("smtp", "inside", "tcp", 22, PASSES),
    Cell("outside", "ppp0", "tcp", 22, PASSES),
    Cell("ppp0", "outside", "tcp", 80, PASSES),
]
