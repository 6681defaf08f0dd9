"""Connections that go on while the rules change."""

from hosts import DOUBT
from masq_rules import TCP_80, UDP_53
from masq_trial import INNER, MASQUERADED, OUTER, PUBLIC, Conversation, Trial
from masq_wire import UDP, send, udp


def rules_that_change(tally):
    """A connection that went out with its inner address doesn't go on so where MASQ is the rule."""
    masquerade = "ipchains -R forward 1 -i ppp0 -j MASQ"
    policy = "ipchains -P forward MASQ; ipchains -F forward"
    for title, change, tracked in [
        ("tracked, then a rule", masquerade, True),
        ("tracked, then the policy", policy, True),
        ("not tracked, then a rule", masquerade, False),
        ("not tracked, then the policy", policy, False),
    ]:
        with Trial(tally, f"rules that change: {title}") as trial:
            trial.do("ipchains -P forward DENY", "ipchains -A forward -j ACCEPT")
            if tracked:
                trial.do("ipchains -A forward -s 10.9.9.9 -j MASQ")
            say(trial, b"first")
            trial.sees("outside", "udp", 501, INNER)
            trial.do(change)
            trial.listen()
            say(trial, b"second")
            packets = trial.heard("outside", "udp", 501, DOUBT)
            # Without tracking nobody knows that it isn't new.
            wanted = [] if tracked else [PUBLIC]
            trial.check("sources outside", wanted, [packet.source for packet in packets])
            trial.connect(UDP_53, TCP_80)
            trial.sees("outside", "udp", 53, PUBLIC, MASQUERADED)
            if tracked:
                # And on again where it isn't.
                trial.do("ipchains -I forward -p udp -j ACCEPT")
                trial.listen()
                say(trial, b"third")
                trial.sees("outside", "udp", 501, INNER)


def established_before(tally):
    """The same with a TCP connection that stays open, and back again."""
    with Trial(tally, "a connection that stays") as trial:
        trial.do(
            "ipchains -P forward DENY",
            "ipchains -A forward -i ppp0 -j MASQ",
            "ipchains -A forward -s 10.9.9.9 -j MASQ",
            "ipchains -A forward -j ACCEPT",
        )
        with Conversation(trial) as talk:
            trial.check("masqueraded", True, talk.goes_on())
            trial.check("from", PUBLIC, talk.address)
            # New ones are not; this keeps its address.
            trial.do("ipchains -D forward 1")
            trial.listen()
            trial.check("still masqueraded", True, talk.goes_on())
            trial.tight()
        with Conversation(trial) as talk:
            trial.check("plain", True, talk.goes_on())
            trial.check("from", INNER, talk.address)
            trial.do("ipchains -I forward 1 -i ppp0 -j MASQ")
            trial.listen()
            trial.check("plain, and should be masqueraded", False, talk.goes_on(DOUBT))
            trial.tight()
        trial.connect(TCP_80)
    with Trial(tally, "a connection that stays, not tracked at first") as trial:
        with Conversation(trial) as talk:
            trial.check("plain", True, talk.goes_on())
            trial.do("ipchains -A forward -i ppp0 -j MASQ")
            trial.listen()
            trial.check("should be masqueraded", False, talk.goes_on(DOUBT))
            trial.tight()


def say(trial, words):
    with trial.net.on("inside"):
        send(INNER, OUTER, UDP, udp(INNER, 4002, OUTER, 501, words))


GROUPS = [rules_that_change, established_before]
