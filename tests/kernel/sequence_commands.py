"""Random commands, as somebody would type them who changes a firewall of 1999 all day.

    commands = Commands(random.Random(seed))
    words = commands.next()     # ["ipchains", "-A", "input", ...]

Some of them will be refused: chains that are in use, rules that aren't there. Nearly every rule has
a destination of its own, so that it can be told from all others.

    BehindMasq(random.Random(seed))

only makes commands after which what comes from inside leaves by MASQ or not at all. ONCE_WRONG are
sequences that found a mistake.
"""

BUILT_IN = ["input", "forward", "output"]
INNER, PUBLIC, INNER_NET = "10.0.0.2", "200.200.200.200", "10.0.0.0/8"
MODULES = ["ftp", "irc", "pptp", "h323", "raudio"]
MOST_CHAINS = 5

ONCE_WRONG = [
    # The kernel has three chains for foo, all with counters, and then only two of them.
    """
    ipchains -P forward MASQ
    ipchains -N foo
    ipchains -A foo -p udp -j REJECT
    ipchains -A foo -i lo -j MASQ
    ipchains -A output -j foo
    ipchains -A forward -p icmp -j foo
    ipchains -P input ACCEPT
    ipchains -P input ACCEPT
    ipchains -P input ACCEPT
    ipchains -D foo 2
    """,
]


class Commands:
    START = [["ipchains", "-P", "forward", "DENY"]]

    def __init__(self, chance):
        self.chance = chance
        self.chains = []  # that were made; some may be gone
        self.made = 0

    def next(self):
        kinds = [
            (28, self.append),
            (10, self.insert),
            (8, self.replace),
            (12, self.delete),
            (5, self.new_or_gone),
            (4, self.clear),
            (8, self.policy),
            (3, self.both_ways),
            (5, self.module),
            (6, self.portfw),
            (5, self.mfw),
            (3, self.autofw),
            (3, self.ipfwd),
        ]
        weights, makers = zip(*kinds, strict=True)
        return self.chance.choices(makers, weights)[0]()

    # --- ipchains

    def append(self):
        chain = self.any_chain()
        return ["ipchains", "-A", chain, *self.rule(chain)]

    def insert(self):
        chain = self.any_chain()
        return ["ipchains", "-I", chain, self.number(4), *self.rule(chain)]

    def replace(self):
        chain = self.any_chain()
        return ["ipchains", "-R", chain, self.number(4), *self.rule(chain)]

    def delete(self):
        return ["ipchains", "-D", self.any_chain(), self.number(5)]

    def new_or_gone(self):
        if len(self.chains) < MOST_CHAINS and self.often(0.8):
            self.made += 1
            self.chains.append(self.one("user", "log", "in.") + str(self.made))
            return ["ipchains", "-N", self.chains[-1]]
        return ["ipchains", "-X", *(self.chance.sample(self.chains, 1) if self.chains else [])]

    def clear(self):
        chain = [] if self.often(0.3) else [self.any_chain()]
        return self.one(
            ["ipchains", "-Z", *chain],
            ["ipchains", "-Z", *chain],
            ["ipchains", "-F", self.any_chain()],
            ["ipchains", "-F", self.any_chain()],
            self.one(["ipchains", "-F"], ["ipchains", "-X"]),
        )

    def policy(self):
        chain = self.one("input", "forward", "forward", "output")
        masq = ["MASQ"] * 3 if chain == "forward" else []
        return ["ipchains", "-P", chain, self.one("ACCEPT", "DENY", "REJECT", *masq)]

    def both_ways(self):
        rule = ["-b", "-p", "udp", "-s", INNER, "53", "-j", self.one("REJECT", "ACCEPT")]
        return ["ipchains", self.one("-A", "-D"), self.one(*BUILT_IN), *rule]

    def any_chain(self):
        return self.one(*BUILT_IN, *self.chains * 2)

    def rule(self, chain):
        self.made += 1
        words = ["-d", "!", f"11.{self.made >> 8}.{self.made & 255}.7"] if self.often(0.9) else []
        protocol = self.one("", "", "tcp", "udp", "udp", "icmp")
        if protocol:
            words += ["-p", protocol]
        if protocol in ("tcp", "udp"):
            ports = "53", "80", "7070", "61000:65095", "1024:65535"
            words += self.perhaps(0.4, "--dport", self.one(*ports))
            words += self.perhaps(0.2, "--sport", self.one("61000:65095", "20"))
        if protocol == "tcp":
            words += self.perhaps(0.3, "-y")
        words += self.perhaps(0.35, "-i", self.one("eth0", "ppp0", "lo", "ppp+"))
        words += self.perhaps(0.2, "-l")
        words += self.perhaps(0.1, "-m", self.one("5", "+3", "-2", "7"))
        tos = self.one(["01", "10"], ["ff", "10"])
        words += self.perhaps(0.1, "-t", *tos, "--no-warnings")
        return words + self.target(chain, protocol)

    def target(self, chain, protocol):
        """Few that end a packet's way at once: it would never meet the others."""
        targets = ["", "", "", "", "", "REJECT", "REJECT", self.one("ACCEPT", "DENY", "RETURN")]
        if chain not in ("input", "output"):
            targets += ["MASQ", "MASQ"]
        if chain not in ("forward", "output") and protocol in ("tcp", "udp"):
            targets += ["REDIRECT"]
        if self.chains:
            targets += [self.one(*self.chains)] * 4
        chosen = self.one(*targets)
        port = [self.one("8080", "3128", "81")] if chosen == "REDIRECT" and self.often(0.8) else []
        return ["-j", chosen, *port] if chosen else []

    # --- The tools of masquerading

    def module(self):
        return ["ip-masq-module", *self.perhaps(0.5, "--remove"), self.one(*MODULES)]

    def portfw(self):
        local = ["-P", self.one("tcp", "udp"), "-L", PUBLIC, self.one("80", "7070")]
        inner = ["-R", INNER, self.one("80", "81")]
        preference = self.perhaps(0.5, "-p", self.number(20))
        return self.one(
            *[["ipmasqadm", "portfw", "-a", *local, *inner, *preference]] * 5,
            ["ipmasqadm", "portfw", "-d", *local],
            ["ipmasqadm", "portfw", "-d", *local, *inner],
            ["ipmasqadm", "portfw", "-f"],
        )

    def mfw(self):
        mark = ["-m", self.one("5", "7")]
        inner = ["-r", INNER, *self.perhaps(0.6, self.one("80", "22"))]
        return self.one(
            *[["ipmasqadm", "mfw", "-A", *mark, *inner]] * 4,
            ["ipmasqadm", "mfw", "-E", *mark, *inner, "-p", "3"],
            ["ipmasqadm", "mfw", "-S", *mark],
            ["ipmasqadm", "mfw", "-D", *mark],
            ["ipmasqadm", "mfw", "-D", *mark, *inner],
            ["ipmasqadm", "mfw", "-F"],
        )

    def autofw(self):
        control = ["-c", "tcp", self.one("7070", "554")]
        control += [*self.perhaps(0.3, "-u"), *self.perhaps(0.3, "-i")]
        where = self.one(["-h", INNER], control)
        words = [self.one("-A", "-A", "-D"), "-r", "udp", "6970", "7170", *where]
        return ["ipmasqadm", "autofw", *(["-F"] if self.often(0.15) else words)]

    def ipfwd(self):
        inner = [*self.perhaps(0.5, "--masq"), INNER, self.one("47", "50")]
        return ["ipfwd", *self.perhaps(0.4, "--delete"), *inner]

    # --- Chance

    def often(self, share):
        return self.chance.random() < share

    def one(self, *choices):
        return self.chance.choice(choices)

    def number(self, most):
        return str(self.chance.randint(1, most))

    def perhaps(self, share, *words):
        return list(words) if self.often(share) else []


class BehindMasq(Commands):
    """The policy of forward stays DENY or REJECT, and no rule that forward could meet accepts."""

    START = [*Commands.START, ["ipchains", "-A", "forward", "-s", INNER_NET, "-j", "MASQ"]]

    def append(self):
        if self.often(0.3):
            interface = self.perhaps(0.5, "-i", "ppp0")
            return ["ipchains", "-A", "forward", "-s", INNER_NET, *interface, "-j", "MASQ"]
        return super().append()

    def clear(self):
        words = super().clear()
        return words if words[1:] != ["-F"] else ["ipchains", "-Z"]

    def policy(self):
        return [
            "ipchains",
            "-P",
            *self.one(
                ["forward", self.one("DENY", "REJECT")],
                [self.one("input", "output"), self.one("ACCEPT", "ACCEPT", "DENY")],
            ),
        ]

    def both_ways(self):
        return ["ipchains", "-A", self.one("input", "output"), *super().both_ways()[3:]]

    def target(self, chain, protocol):
        """User chains may be reached from forward, where REDIRECT means ACCEPT. What outside sends
        to an inner address isn't redirected: the answers would bear that address."""
        words = super().target(chain, protocol)
        if words[1:2] == ["REDIRECT"]:
            return ["-s", INNER_NET, *words] if chain == "input" else []
        if chain not in ("input", "output") and words[1:] in (["ACCEPT"], ["MASQ"]):
            return ["-s", INNER_NET, "-j", "MASQ"]
        return words
