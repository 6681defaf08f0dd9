"""What is tracked and what isn't."""

import contextlib
import pathlib
import re
import socket

from hosts import DOUBT, PASSES, PATIENCE, SILENT, Cell
from masq_trial import FIREWALL, INNER, OUTER, PUBLIC, Trial
from masq_wire import UDP, send_fragments

TRAFFIC = [
    Cell("inner", "outer", "tcp", 80, PASSES),
    Cell("inner", "outer", "udp", 53, PASSES),
    Cell("inner", "outer", "ping", 0, PASSES),
    Cell("outer", "public", "tcp", 80, PASSES),
    Cell("gateway", "inner", "udp", 53, PASSES),
]

# A plain filter with a bit of everything.
PLAIN = """
ipchains -N icmp-acc
ipchains -A icmp-acc -p icmp --icmp-type destination-unreachable -j ACCEPT
ipchains -A icmp-acc -p icmp --icmp-type ping -j ACCEPT
ipchains -A input -p tcp -d 0/0 6000:6010 -j REJECT
ipchains -A input -p icmp -j icmp-acc
ipchains -A input -t 0x01 0x10 -p tcp -d 0/0 23 -m 5 -j ACCEPT
ipchains -A forward -p tcp -y -d 0/0 139 -j DENY -l
ipchains -A forward -m +1 -j ACCEPT
ipchains -A output -d 0/0 -j ACCEPT
ipchains -P forward DENY
"""

TRACKERS = {
    "MASQ rule": ("ipchains -A forward -i ppp0 -s 10.9.9.9 -j MASQ", "ipchains -D forward 3"),
    "MASQ policy": ("ipchains -P forward MASQ", "ipchains -P forward DENY"),
    "REDIRECT": (
        "ipchains -A input -p tcp -d 0/0 81 -j REDIRECT 80",
        "ipchains -D input -p tcp -d 0/0 81 -j REDIRECT 80",
    ),
    "MASQ in a user chain": (
        "ipchains -N m && ipchains -A m -s 10.9.9.9 -j MASQ && ipchains -A forward -j m",
        "ipchains -D forward -j m && ipchains -F m && ipchains -X m",
    ),
}


def tracked(trial):
    """How many connections the kernel knows of on the machine with the firewall."""
    with trial.net.on(FIREWALL):
        path = pathlib.Path("/proc/thread-self/net/stat/nf_conntrack")
        lines = path.read_text(encoding="ascii").splitlines()
        return int(lines[1].split()[0], 16)


def nothing_costs(tally):
    with Trial(tally, "a plain filter") as trial:
        trial.script(PLAIN)
        trial.connect(*TRAFFIC, leaks=True)
        trial.check("connections tracked", 0, tracked(trial))
        check_plain(trial)


def tracked_as_long_as_needed(tally):
    for title, (begin, end) in TRACKERS.items():
        with Trial(tally, f"tracking for {title}") as trial:
            trial.script(PLAIN)
            plain = trial.ruleset()
            trial.do(begin)
            trial.connect(*TRAFFIC, leaks=True)
            trial.check("connections tracked", True, tracked(trial) >= len(TRAFFIC))
            trial.do(end)
            check_plain(trial)
            trial.check("the same ruleset", uncounted(plain), uncounted(trial.ruleset()))
            before = tracked(trial)
            trial.connect(*TRAFFIC, leaks=True)
            trial.check("tracked no more", True, tracked(trial) <= before)


def check_plain(trial):
    listing = trial.ruleset()
    words = re.findall(r"\b(?:ct|nat|masquerade|redirect)\b", listing)
    trial.check("tracking or nat in the ruleset", [], words)


def uncounted(listing):
    return sorted(line.split("counter")[0] for line in listing.splitlines())


def fragments(tally):
    """A plain filter sees them; where packets are masqueraded, they have been put together."""
    datagram = bytes(200)
    rules = """
    ipchains -A forward -f -s 10.0.0.0/8
    ipchains -A forward -p udp -d 0/0 4000
    """
    for title, masquerade, counts in [
        ("plain", None, [3, 1]),
        ("MASQ", "ipchains -A forward -s 10.0.0.0/8 -j MASQ", [0, 1]),
    ]:
        with Trial(tally, f"fragments: {title}") as trial:
            trial.script(rules)
            if masquerade:
                trial.do(masquerade)
            trial.listen()
            with trial.net.on("inside"):
                send_fragments(INNER, OUTER, datagram)
            source = PUBLIC if masquerade else INNER
            last = trial.ears["outside"].wait(
                lambda p, source=source: p.protocol == UDP
                and p.source == source
                and p.flags_and_offset & 0x2000 == 0,
                PATIENCE,
            )
            trial.check("comes out", True, last is not None)
            trial.check("rules count", counts, trial.counts("forward")[:2])


def fragments_stopped(tally):
    with Trial(tally, "fragments: stopped") as trial:
        trial.do("ipchains -A input -i eth0 -f -j DENY")
        trial.listen()
        with trial.net.on("inside"):
            send_fragments(INNER, OUTER, bytes(200))
        trial.ears["outside"].wait(lambda p: p.flags_and_offset & 0x1FFF, DOUBT)
        offsets = [p.flags_and_offset for p in trial.ears["outside"].packets()]
        trial.check("what comes out", [0x2000], offsets)


def big_datagrams(tally):
    """Fragments are put together on the way, and come out as fragments again."""
    with Trial(tally, "big datagrams") as trial:
        trial.do("ipchains -P forward DENY", "ipchains -A forward -i ppp0 -j MASQ")
        with contextlib.ExitStack() as opened:
            ends = []
            for host, address in (("outside", OUTER), ("inside", INNER)):
                with trial.net.on(host):
                    ends.append(opened.enter_context(socket.socket(type=socket.SOCK_DGRAM)))
                ends[-1].settimeout(PATIENCE)
                ends[-1].bind((address, 4006))
            server, client = ends
            client.sendto(bytes(5000), (OUTER, 4006))
            question, peer = server.recvfrom(9000)
            trial.check("question", (5000, PUBLIC), (len(question), peer[0]))
            server.sendto(bytes(4000), peer)
            answer, peer = client.recvfrom(9000)
            trial.check("answer", (4000, (OUTER, 4006)), (len(answer), peer))
        trial.check("counted", [1], trial.counts("forward"))


def masqueraded_by_others(tally):
    """To forward, their answers are as any that come from outside; and -F leaves them alone."""
    foreign = (
        "nft 'add table ip other; "
        "add chain ip other out { type nat hook postrouting priority 90 ; }; "
        "add rule ip other out oifname ppp0 ip saddr 10.0.0.3 masquerade'"
    )
    cell = Cell("second", "outer", "tcp", 80, PASSES)
    with Trial(tally, "masqueraded by others") as trial:
        trial.do(foreign, "ipchains -A forward -s 10.9.9.9 -j MASQ")
        trial.connect(cell)
        trial.sees("outside", "tcp", 80, PUBLIC)
        trial.do("ipchains -A forward -i eth0 -j DENY")
        trial.connect(cell._replace(expected=SILENT))
        trial.do("ipchains -F forward")
        trial.connect(cell)
        trial.sees("outside", "tcp", 80, PUBLIC)


GROUPS = [
    nothing_costs,
    tracked_as_long_as_needed,
    fragments,
    fragments_stopped,
    big_datagrams,
    masqueraded_by_others,
]
