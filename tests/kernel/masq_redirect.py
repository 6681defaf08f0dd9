"""REDIRECT: connections to others that are answered here."""

import socket
import struct
import threading

from hosts import DOUBT, PASSES, PATIENCE, REFUSED, SILENT, Cell
from masq_trial import FIREWALL, INNER, OUTER, PUBLIC, Conversation, Trial

SO_ORIGINAL_DST = 80
IP_PKTINFO = 8


class Proxy:
    """Tells each that asks it whom they wanted to ask: a transparent proxy, on TCP and UDP."""

    def __init__(self, trial, port):
        self.stopping = threading.Event()
        with trial.net.on(FIREWALL):
            self.tcp = socket.create_server(("0.0.0.0", port))
            self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
            self.udp.setsockopt(socket.IPPROTO_IP, IP_PKTINFO, 1)
            self.udp.bind(("0.0.0.0", port))
        self.threads = [threading.Thread(target=work) for work in (self.serve_tcp, self.serve_udp)]

    def __enter__(self):
        for thread in self.threads:
            thread.start()
        return self

    def __exit__(self, *_):
        self.stopping.set()
        for thread in self.threads:
            thread.join()
        self.tcp.close()
        self.udp.close()

    def serve_tcp(self):
        self.tcp.settimeout(0.1)
        while not self.stopping.is_set():
            try:
                connection, _ = self.tcp.accept()
            except TimeoutError:
                continue
            with connection:
                connection.send(b"proxy for " + original_target(connection).encode())

    def serve_udp(self):
        """Where a datagram was sent to is not told."""
        self.udp.settimeout(0.1)
        while not self.stopping.is_set():
            try:
                _, extra, _, peer = self.udp.recvmsg(1500, 100)
            except TimeoutError:
                continue
            own = struct.unpack("i4s4s", extra[0][2])[1]
            info = struct.pack("i4s4s", 0, own, bytes(4))
            self.udp.sendmsg([b"proxy"], [(socket.IPPROTO_IP, IP_PKTINFO, info)], 0, peer)


def original_target(connection):
    try:
        data = connection.getsockopt(socket.IPPROTO_IP, SO_ORIGINAL_DST, 16)
    except OSError:
        return "nobody else"
    port, address = struct.unpack("!2xH4s8x", data)
    return f"{socket.inet_ntoa(address)}:{port}"


def asked(trial, host, source, target, protocol, port, patience=PATIENCE):
    """What one asks gets for an answer, from the address that it asked; or nothing."""
    kind = socket.SOCK_STREAM if protocol == "tcp" else socket.SOCK_DGRAM
    with trial.net.on(host), socket.socket(socket.AF_INET, kind) as client:
        client.settimeout(patience)
        client.bind((source, 0))
        try:
            client.connect((target, port))
            client.send(b"question")
            return client.recv(100).decode()
        except (TimeoutError, ConnectionError):
            return None


def to_a_port(tally):
    with Trial(tally, "REDIRECT to a port") as trial, Proxy(trial, 8080), Proxy(trial, 5353):
        trial.do(
            "ipchains -P forward DENY",
            "ipchains -A input -i eth0 -p tcp -s 10.0.0.0/8 -d 0/0 80 -j REDIRECT 8080",
            "ipchains -A input -i eth0 -p udp -d 0/0 53 -j REDIRECT 5353",
        )
        for target, port in [(OUTER, 80), ("198.51.100.9", 80), (OUTER, 80)]:
            trial.check(
                f"tcp to {target}",
                f"proxy for {target}:{port}",
                asked(trial, "inside", INNER, target, "tcp", port),
            )
        trial.check("udp", "proxy", asked(trial, "inside", INNER, "198.51.100.9", "udp", 53))
        # Nobody outside hears of it; other ports and other interfaces are not concerned.
        trial.sees_nothing("outside", "tcp", 80)
        trial.sees_nothing("outside", "udp", 53)
        trial.connect(
            Cell("inner", "outer", "tcp", 23, SILENT),
            Cell("inner", "outer", "udp", 500, SILENT),
            Cell("outer", "public", "tcp", 80, PASSES),
            Cell("inner", "gateway", "tcp", 22, PASSES),
        )
        trial.do("ipchains -P forward ACCEPT")
        trial.connect(
            Cell("inner", "outer", "tcp", 23, PASSES),
            Cell("inner", "outer", "udp", 500, PASSES),
            leaks=True,
        )
        answers = trial.counts("input")
        trial.check("both rules count", True, all(answers))


def to_its_own_port(tally):
    with Trial(tally, "REDIRECT without a port") as trial:
        trial.do(
            "ipchains -P forward DENY",
            "ipchains -A input -i eth0 -p tcp -j REDIRECT",
            "ipchains -A input -i eth0 -p udp -d 0/0 53 -j REDIRECT 0",
        )
        trial.connect(
            Cell("inner", "outer", "tcp", 80, PASSES),
            Cell("inner", "outer", "tcp", 22, PASSES),
            Cell("inner", "outer", "tcp", 24, REFUSED),  # nobody is there
            Cell("inner", "outer", "udp", 53, PASSES),
            Cell("inner", "outer", "udp", 500, SILENT),
        )
        trial.sees_nothing("outside", "tcp", 80)
        trial.sees_nothing("outside", "udp", 53)


def without_redirect(tally):
    """The opposite: the same question goes to whom it is for."""
    with Trial(tally, "no REDIRECT") as trial, Proxy(trial, 8080):
        trial.connect(Cell("inner", "outer", "tcp", 80, PASSES), leaks=True)
        trial.do(
            "ipchains -A input -i eth0 -p tcp -d 0/0 80 -j REDIRECT 8080",
            "ipchains -I input -s 10.0.0.3 -j ACCEPT",
        )
        trial.check(
            "redirected", f"proxy for {OUTER}:80", asked(trial, "inside", INNER, OUTER, "tcp", 80)
        )
        trial.connect(Cell("second", "outer", "tcp", 80, PASSES), leaks=True)
        trial.do("ipchains -F input")
        trial.connect(Cell("inner", "outer", "tcp", 80, PASSES), leaks=True)
        # The proxy, asked itself.
        trial.check(
            "not redirected",
            "proxy for nobody else",
            asked(trial, "inside", INNER, "10.0.0.1", "tcp", 8080),
        )


def with_policies_denied(tally):
    """input sees the address that was asked, output the same as the answer's source."""
    with Trial(tally, "REDIRECT, all policies DENY") as trial, Proxy(trial, 8080):
        trial.do(
            *(f"ipchains -P {chain} DENY" for chain in ("input", "output", "forward")),
            f"ipchains -A input -i eth0 -p tcp -d {OUTER} 80 -j REDIRECT 8080",
            "ipchains -A input -i eth0 -p tcp -d 10.0.0.1 8080 -j ACCEPT",
        )
        answer = asked(trial, "inside", INNER, OUTER, "tcp", 80, DOUBT)
        trial.check("without a rule in output", None, answer)
        trial.do("ipchains -A output -i eth0 -p tcp ! -y -d 10.0.0.0/8 -j ACCEPT")
        trial.check(
            "with a rule in output",
            f"proxy for {OUTER}:80",
            asked(trial, "inside", INNER, OUTER, "tcp", 80),
        )
        answer = asked(trial, "inside", INNER, "198.51.100.9", "tcp", 80, DOUBT)
        trial.check("to others", None, answer)
        trial.is_counted("input", [True, False])


def answers_have_the_address_asked(tally):
    """output judges what leaves: the proxy's own address and port are not on it."""
    asked_for = f"-s {OUTER} 80 -d 10.0.0.0/8"
    for target, source, passes in [
        ("ACCEPT", asked_for, True),
        ("ACCEPT", "-s 10.0.0.1 8080 -d 10.0.0.0/8", False),
        ("DENY", asked_for, False),
        ("DENY", "-s 10.0.0.1 8080 -d 10.0.0.0/8", True),
        ("REJECT", asked_for, False),
    ]:
        title = f"REDIRECT, output {target} {source}"
        with Trial(tally, title) as trial, Proxy(trial, 8080):
            trial.do(
                "ipchains -P input DENY",
                "ipchains -P forward DENY",
                f"ipchains -P output {'DENY' if target == 'ACCEPT' else 'ACCEPT'}",
                f"ipchains -A output -p tcp {source} -j {target}",
                f"ipchains -A input -i eth0 -p tcp -d {OUTER} 80 -j REDIRECT 8080",
            )
            answer = asked(trial, "inside", INNER, OUTER, "tcp", 80, PATIENCE if passes else DOUBT)
            trial.check("answered", f"proxy for {OUTER}:80" if passes else None, answer)


def and_forwarded_ports(tally):
    """A forwarded port of this machine is asked for first."""
    with Trial(tally, "REDIRECT and portfw") as trial, Proxy(trial, 8080):
        trial.do(
            "ipchains -A forward -i ppp0 -s 10.0.0.0/8 -j MASQ",
            "ipchains -A input -p tcp -d 0/0 80 -j REDIRECT 8080",
            f"ipmasqadm portfw -a -P tcp -L {PUBLIC} 80 -R {INNER} 80",
        )
        trial.connect(Cell("client", "public", "tcp", 80, PASSES))
        trial.check("inner host asked", True, bool(trial.heard("inside", "tcp", 80)))
        trial.do("ipmasqadm portfw -f")
        answer = asked(trial, "outside", OUTER, PUBLIC, "tcp", 80)
        trial.check("redirected without it", f"proxy for {PUBLIC}:80", answer)


def and_masquerading(tally):
    """A proxy for pages, MASQ for the rest, as on many a machine of the time."""
    with Trial(tally, "REDIRECT and MASQ") as trial, Proxy(trial, 3128):
        trial.do(
            "ipchains -P forward DENY",
            "ipchains -A input -p tcp -s 10.0.0.0/8 -d 10.0.0.1 80 -j ACCEPT",
            "ipchains -A input -p tcp -s 10.0.0.0/8 -d 0/0 80 -j REDIRECT 3128",
            "ipchains -A forward -i ppp0 -s 10.0.0.0/8 -j MASQ",
        )
        trial.check(
            "redirected", f"proxy for {OUTER}:80", asked(trial, "inside", INNER, OUTER, "tcp", 80)
        )
        trial.connect(
            Cell("inner", "outer", "tcp", 25, PASSES),
            Cell("inner", "outer", "ping", 0, PASSES),
            Cell("inner", "gateway", "tcp", 80, PASSES),
        )
        trial.is_counted("forward", [True])


def loopback(tally):
    """What the machine sends to itself meets input, too late to be rewritten: it is dropped."""
    with Trial(tally, "REDIRECT on lo") as trial, Proxy(trial, 8080):
        question = (FIREWALL, "127.0.0.1", "127.0.0.1", "tcp", 81)
        trial.check("nobody there", None, asked(trial, *question))
        trial.do("ipchains -A input -i lo -p tcp -d 127.0.0.1 81 -j REDIRECT 8080")
        trial.check("stopped", None, asked(trial, *question))
        trial.do("ipchains -I input -i lo -j ACCEPT")
        trial.check("let through", "proxy for 127.0.0.1:8080", asked(trial, *question[:4], 8080))


def midway(tally):
    """A connection that is there already doesn't go on past the proxy."""
    for title, tracker in [
        ("tracked", "ipchains -A input -p tcp -d 0/0 81 -j REDIRECT 8080"),
        ("not tracked", "ipchains -A input -p tcp -d 0/0 81"),
    ]:
        with Trial(tally, f"REDIRECT midway, {title}") as trial, Proxy(trial, 8080):
            trial.do(tracker)
            with Conversation(trial) as talk:
                trial.check("before", True, talk.goes_on())
                trial.do("ipchains -A input -i eth0 -p tcp -d 0/0 4444 -j REDIRECT 8080")
                trial.check("after", False, talk.goes_on(DOUBT))


GROUPS = [
    to_a_port,
    to_its_own_port,
    without_redirect,
    with_policies_denied,
    answers_have_the_address_asked,
    and_forwarded_ports,
    and_masquerading,
    loopback,
    midway,
]
