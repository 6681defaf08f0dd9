"""Marks, as routing by marks sees them: two ways out, and a host of the same address on each."""

from hosts import DOUBT, PATIENCE, Network
from masq_trial import FIREWALL, INNER, PRIVATE, PUBLIC, SECOND, Trial
from masq_wire import UDP, send, udp

TARGET = "198.51.100.9"
OTHER_PUBLIC = "201.201.201.201"

# Rules of input, in order, and the mark that they leave.
MARKS = [
    ([], 0),
    (["-m 5"], 5),
    (["-m +5"], 5),
    (["-m 5", "-m +5"], 10),
    (["-m 5", "-m -1"], 4),
    (["-m 5", "-m 6"], 6),
    (["-m -1"], 0xFFFFFFFF),
    (["-m -1", "-m +5"], 4),
    (["-m 3", "-m -3"], 0),
    (["-m 3", "-m -5"], 0xFFFFFFFE),
    (["-m 4294967294", "-m +3"], 1),
    (["-m 0x12345678", "-m +0x1000"], 0x12346678),
    (["-m 7", "-m +1", "-m +1", "-m -4", "-m +100"], 105),
    (["-m 2147483647", "-m +1"], 0x80000000),
    (["-m 9", "-s 10.0.0.3 -m 1", "-m +1"], 10),
    (["-m 9", "-j ACCEPT", "-m 1"], 9),
    (["-m 9 -j ACCEPT", "-m 1"], 9),
]


def two_ways_out():
    net = Network({**PRIVATE, "elsewhere": ("elsewhere", TARGET)})
    net.cable(FIREWALL, "eth0", "10.0.0.1/8", "inside", "eth0", "10.0.0.2/8")
    net.ip("inside", f"addr add {SECOND}/8 dev eth0")
    net.ip("inside", "route add default via 10.0.0.1")
    for interface, own, host, peer in [
        ("ppp0", PUBLIC, "outside", "199.0.0.1"),
        ("ppp1", OTHER_PUBLIC, "elsewhere", "199.0.0.5"),
    ]:
        net.cable(FIREWALL, interface, own + "/32", host, "wire", peer + "/32")
        net.ip(host, f"addr add {TARGET}/32 dev lo")
        net.ip(host, f"route add default via {own} dev wire onlink")
    net.ip(FIREWALL, "route add default via 199.0.0.1 dev ppp0 onlink")
    net.ip(FIREWALL, "route add default via 199.0.0.5 dev ppp1 onlink table 7")
    net.sysctl(FIREWALL, "ip_forward", "1")
    return net


def goes_to(trial, source, port, patience=PATIENCE):
    """Which of the two hosts a datagram comes to, and from which address."""
    trial.listen()
    with trial.net.on("inside"):
        send(source, TARGET, UDP, udp(source, 4003, TARGET, port, b"which way?"))
    for host, seconds in [("elsewhere", DOUBT / 4), ("outside", patience), ("elsewhere", 0.0)]:
        packets = trial.heard(host, "udp", port, seconds)
        if packets:
            return host, packets[0].source
    return None


def every_mark(tally):
    with Trial(tally, "marks", two_ways_out()) as trial:
        for number, (rules, mark) in enumerate(MARKS):
            title = f"marks: {'; '.join(rules) or 'none'}"
            trial.title = title
            trial.do("ipchains -F input", *(f"ipchains -A input -i eth0 {rule}" for rule in rules))
            for wanted, tested in [("elsewhere", mark), ("outside", mark ^ (1 << number))]:
                trial.net.ip(FIREWALL, f"rule add fwmark {tested}/0xffffffff table 7")
                found = goes_to(trial, INNER, 3000 + number)
                trial.check(f"way of {tested:#x}", (wanted, INNER), found)
                trial.net.ip(FIREWALL, f"rule del fwmark {tested}/0xffffffff table 7")


def marks_choose(tally):
    """Some packets go one way, the others the other, and are masqueraded accordingly."""
    with Trial(tally, "marks choose", two_ways_out()) as trial:
        trial.net.ip(FIREWALL, "rule add fwmark 2 table 7")
        trial.do(
            "ipchains -A input -p udp -d 0/0 53 -m 2",
            "ipchains -A input -s 10.0.0.3 -m +1",
        )
        trial.check("53", ("elsewhere", INNER), goes_to(trial, INNER, 53))
        trial.check("54", ("outside", INNER), goes_to(trial, INNER, 54))
        trial.check("53 of another", ("outside", SECOND), goes_to(trial, SECOND, 53))
        trial.do("ipchains -P forward DENY", "ipchains -A forward -s 10.0.0.0/8 -j MASQ")
        trial.check("53, MASQ", ("elsewhere", OTHER_PUBLIC), goes_to(trial, INNER, 53))
        trial.check("54, MASQ", ("outside", PUBLIC), goes_to(trial, INNER, 54))
        trial.do("ipchains -R forward 1 -i ppp1 -j MASQ")
        trial.check("55, no MASQ", None, goes_to(trial, INNER, 55, DOUBT))
        trial.do("ipchains -I input -p udp -d 0/0 56 -m 2")
        trial.check("56, MASQ", ("elsewhere", OTHER_PUBLIC), goes_to(trial, INNER, 56))


GROUPS = [every_mark, marks_choose]
