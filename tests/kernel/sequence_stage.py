"""A firewall in a network namespace, its double in a file, and traffic.

    with Stage(random.Random(seed)) as stage:
        stage.traffic()
        stage.both(["ipchains", "-P", "input", "DENY"])   # what differs between them
        stage.differences()

The packets come from the firewall itself, from inside (eth0, 10.0.0.0/8) and from outside (ppp0);
the hosts there never answer by themselves, so that nothing moves once a packet is sent. The names
of the hosts and their addresses are those of masq_trial.py.
"""

import contextlib
import difflib
import os
import re
import socket
import struct
import subprocess
import tempfile
import time

from masq_trial import FIREWALL, INNER, OUTER, PRIVATE, PUBLIC, SECOND, network
from masq_wire import ACK, FIN, ICMP, RST, SYN, TCP, UDP, Ear, icmp, send, tcp, udp

SCRATCH = "scratch"  # the host in whose namespace tables are loaded anew
GATEWAY = "10.0.0.1"
PING = 8
DIRECT = 2000  # the source port of what outside sends to an inner address

LIST_RULES = "ipchains -L -n -v -x --line-numbers"
RULE_COUNTERS = r"(?m)(?<=: )\d+ packets, \d+ bytes|(?<=^\d.) +\d+ +\d+(?= )"
CONNECTIONS = r"(?m) \d+(?= +\d+$)"  # pcnt, before pref

# With what packets change in them and the file doesn't know.
LISTINGS = {
    LIST_RULES: RULE_COUNTERS,
    "ipmasqadm portfw -l -n": CONNECTIONS,
    "ipmasqadm mfw -L -n": CONNECTIONS,
    "ipmasqadm autofw -L -n": None,
    "ip-masq-module --list": None,
    "ipfwd --list -n": None,
}

DEAF = "table ip deaf { chain in { type filter hook input priority 0; policy drop; }; }"

# What comes to each of the firewall's chains, counted before it. A forwarded packet doesn't meet
# `forward` if it goes to an inner host by portfw and the like, or answers a masqueraded one; it
# meets `output` once `forward` has let it go on.
WITNESS = """table ip witness {
    counter seen { }
    chain arriving {
        type filter hook prerouting priority mangle - 1;
        counter name seen
    }
    chain forwarded {
        type filter hook forward priority filter - 1;
        ct direction original ct status dnat return
        ct direction reply ct status snat return
        counter name seen
    }
    chain leaving {
        type filter hook forward priority filter + 9;
        counter name seen
    }
    chain made_here {
        type filter hook output priority filter - 1;
        counter name seen
    }
}
"""


class Stage:
    def __init__(self, chance):
        self.chance = chance
        self.open = contextlib.ExitStack()
        names = {**PRIVATE, SCRATCH: (SCRATCH, "")}
        self.net = self.open.enter_context(network(names, "ppp0", "10.0.0.1/8", "10.0.0.2/8"))
        directory = self.open.enter_context(tempfile.TemporaryDirectory(prefix="sequences-"))
        self.on_file = {"PATH": os.environ["PATH"], "IPCHAINS_STATE": directory + "/state"}
        self.ears = {}
        self.heard = {}

    def __enter__(self):
        for host in ("inside", "outside"):
            self.run("nft -f -", host, input=DEAF, check=True)
            with self.net.on(host):
                self.ears[host] = self.open.enter_context(Ear())
                self.heard[host] = []
        self.run("nft -f -", input=WITNESS, check=True)
        return self

    def __exit__(self, *problem):
        self.open.close()

    # --- Commands

    def run(self, words, host=FIREWALL, **options):
        words = words.split() if isinstance(words, str) else words
        if "input" not in options:
            options["stdin"] = subprocess.DEVNULL
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
        return self.net.run(host, words, timeout=30, **pipes, **options)

    def both(self, words):
        """Tells the kernel and the file; returns whether it was done, and what differs."""
        kernel, file = self.run(words), self.run(words, env=self.on_file)
        said = [f"{done.returncode} {done.stdout}{done.stderr}" for done in (kernel, file)]
        return kernel.returncode == 0, compared("what was said", *said)

    def differences(self):
        """Between what the kernel has and what the file has."""
        found = []
        for line, counted in LISTINGS.items():
            listed = [self.run(line, env=env).stdout for env in (None, self.on_file)]
            found += compared(line, *(tidy(counted, text) for text in listed))
        policy = re.search(r"Chain input \(policy (\w+)", self.list_rules(self.on_file))[1]
        script = self.run(f"ipchains --dry-run -P input {policy}", env=self.on_file).stdout
        loaded = self.run("nft -f -", SCRATCH, input=script)
        if loaded.returncode != 0:
            return [*found, "the file's script: " + loaded.stderr]
        texts = [self.table(host) for host in (FIREWALL, SCRATCH)]
        return found + compared("table, and loaded from the file's script", *texts)

    def table(self, host):
        """Its parts in the order of their names, without counters and what packets left in it."""
        text = self.run("nft -s list table ip ipchains", host).stdout
        parts = re.findall(r"^\t\w.*?^\t\}\n", text, re.DOTALL | re.MULTILINE)
        return "".join(sorted(map(without_learned, parts)))

    # --- Counters

    def list_rules(self, env=None):
        return self.run(LIST_RULES, env=env).stdout

    def counts(self):
        return Counts(self.list_rules())

    def seen(self):
        """Packets and bytes that came to the firewall's chains."""
        text = self.run("nft list counter ip witness seen").stdout
        packets, count = re.search(r"packets (\d+) bytes (\d+)", text).groups()
        return int(packets), int(count)

    def settle(self):
        """Waits until nothing is on its way any more; returns seen()."""
        last = None
        while last != (now := self.seen()):
            last = now
            time.sleep(0.003)
        return now

    # --- Packets

    def traffic(self):
        """Source ports of packets from inside are no server's: nothing is taken for an answer."""
        ports = [53, 7070, self.chance.choice([22, 80, 6970, 6980, 61001])]
        for port in ports:
            self.send_from("inside", self.chance.choice([INNER, SECOND]), OUTER, port)
            self.send_from("inside", INNER, self.chance.choice([GATEWAY, PUBLIC]), port)
            self.send_from("outside", OUTER, self.chance.choice([PUBLIC, INNER]), port)
            self.send_from(FIREWALL, "127.0.0.1", "127.0.0.1", port)
            self.send_from(FIREWALL, PUBLIC, OUTER, port)
        self.answer()

    def send_from(self, host, source, target, port):
        own = DIRECT if (source, target) == (OUTER, INNER) else self.chance.choice([20, 1025, 1026])
        protocol = self.chance.choice([UDP, UDP, UDP, TCP, TCP, ICMP])
        if protocol == UDP:
            payload = udp(source, own, target, port, b"question")
        elif protocol == TCP:
            flags = self.chance.choice([SYN, SYN, SYN, ACK, RST, FIN | ACK])
            payload = tcp(source, own, target, port, flags)
        else:
            payload = icmp(PING, 0, struct.pack("!HH", own, port))
        with self.net.on(host), contextlib.suppress(PermissionError):  # `output` may deny it
            send(source, target, protocol, payload)

    def listen(self):
        """What came since, by host."""
        for host, ear in self.ears.items():
            self.heard[host] = list(ear.packets())
            ear.heard.clear()
        return self.heard

    def answer(self):
        """Outside answers to some of what came out last."""
        for packet in self.heard["outside"][-3:]:
            back = packet.target, packet.target_port, packet.source, packet.source_port
            with self.net.on("outside"):
                if packet.protocol == UDP:
                    send(OUTER, packet.source, UDP, udp(*back, b"answer"))
                elif packet.protocol == TCP:
                    send(OUTER, packet.source, TCP, tcp(*back, SYN | ACK))


class Counts:
    """The packets and bytes that `ipchains -L -v -x --line-numbers` lists.

    policies  of each built-in chain
    rules     of each chain, in order
    ended     the sum over policies and the rules that end a packet's way: where every packet that
              comes to a chain is counted once. A jump to its own chain ends it, too.
    """

    ENDS = {"ACCEPT", "DENY", "REJECT", "MASQ", "REDIRECT"}

    def __init__(self, listing):
        self.policies, self.rules = {}, {}
        ending = []
        chain = None
        for line in listing.splitlines():
            words = line.split()
            if words[0] == "Chain":
                chain = words[1]
                self.rules[chain] = []
                if policy := re.search(r"policy \w+: (\d+) packets, (\d+) bytes", line):
                    self.policies[chain] = tuple(map(int, policy.groups()))
            elif words[0].isdigit():
                self.rules[chain].append((int(words[1]), int(words[2])))
                if words[3] in self.ENDS or words[3] == chain:
                    ending.append(self.rules[chain][-1])
        ending += self.policies.values()
        self.ended = sum(packets for packets, _ in ending), sum(count for _, count in ending)


# --- Texts -----------------------------------------------------------------------------------


def compared(what, kernel, file):
    """Nothing, or the difference as lines."""
    if kernel == file:
        return []
    lines = kernel.splitlines(), file.splitlines()
    lines = difflib.unified_diff(*lines, "kernel", "file", n=1, lineterm="")
    return [what + ":\n" + "\n".join(lines)]


def tidy(counted, listing):
    """Without what is counted, in single spaces: the widths of columns follow the numbers."""
    return re.sub(" +", " ", re.sub(counted, "", listing) if counted else listing)


def without_learned(part):
    """Maps learn from packets which hosts have a control connection."""
    if not part.startswith("\tmap "):
        return part
    return re.sub(r"\s*elements = \{.*?\}", "", part, flags=re.DOTALL)
