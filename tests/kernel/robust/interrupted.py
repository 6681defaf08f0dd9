"""A command that ends at any message leaves the table as it was, or as it should be."""

import os

from robust import sandbox
from robust.sandbox import attempt, ipchains, nft, ruleset

MOST_MESSAGES = 200


def stopped_everywhere(line, prepare):
    """Tries the command, ended at each message in turn, from the same start each time."""
    prepare()
    before = ruleset()
    ipchains(line)
    after = ruleset()
    for moment in ("STOP_BEFORE", "STOP_AFTER"):
        for message in range(1, MOST_MESSAGES):
            prepare()
            assert ruleset() == before
            done = attempt(line, env={**os.environ, moment: str(message),
                                      "LD_PRELOAD": str(sandbox.BUILD / "tests/libstop.so"),
                                      "ASAN_OPTIONS": "verify_asan_link_order=0"})
            now = ruleset()
            assert now in (before, after), f"{moment} {message}: {line}: {now}"
            if done.returncode != 9:
                assert done.returncode == 0 and now == after, f"{line}: {done}"
                assert message > 1, "nothing was stopped"
                break
        else:
            raise AssertionError(f"{line}: more than {MOST_MESSAGES} messages")


def empty():
    nft("flush ruleset\n")


def some_rules():
    empty()
    ipchains("-N foo", "-A foo -s 10.0.0.1 -j REJECT", "-A input -s 10.0.0.2 -j DENY",
             "-A output -j foo", "-A forward -s 10.0.0.0/8 -j ACCEPT")


def check_making_the_table():
    stopped_everywhere("-A input -s 10.0.0.1 -j DENY", empty)


def check_quick_append():
    stopped_everywhere("-A output -s 10.0.0.9 -j DENY", some_rules)


def check_append_of_a_jump():
    stopped_everywhere("-A input -j foo", some_rules)


def check_masquerading_that_rebuilds_the_table():
    stopped_everywhere("-A forward -j MASQ", some_rules)


def check_masquerading_that_makes_both_kinds_of_copies():
    """A chain with MASQ and REJECT that forward and output come to: bar, bar.leaving, bar.rewritten."""
    def prepare():
        some_rules()
        ipchains("-N bar", "-A bar -s 10.0.0.3 -j REJECT", "-A output -j bar", "-A forward -j bar")

    stopped_everywhere("-A bar -s 10.0.0.4 -j MASQ", prepare)
    for made in ("chain bar.leaving {", "chain bar.rewritten {", "chain foo.rewritten {",
                 "chain nat.masquerade {"):
        assert made in ruleset(), made


def masquerading():
    some_rules()
    ipchains("-A forward -j MASQ")


def check_the_last_masquerading_rule_that_goes():
    stopped_everywhere("-D forward -j MASQ", masquerading)
    assert "nat.masquerade" not in ruleset() and "foo.rewritten" not in ruleset()


def check_flush_of_what_masquerades():
    stopped_everywhere("-F", masquerading)


def check_reject_where_masquerading_needs_a_copy():
    stopped_everywhere("-A output -s 10.0.0.5 -j REJECT", masquerading)
    assert "chain output.rewritten {" in ruleset()


def check_policy_of_masquerading():
    stopped_everywhere("-P forward MASQ", some_rules)
    assert "chain nat.masquerade {" in ruleset()


def check_redirect_to_the_first_and_to_another_port():
    stopped_everywhere("-A input -p tcp -j REDIRECT 80", some_rules)
    stopped_everywhere("-A input -p udp -j REDIRECT 53", lambda: (
        some_rules(), ipchains("-A input -p tcp -j REDIRECT 80")))


def check_flush():
    stopped_everywhere("-F", some_rules)


def check_policy():
    stopped_everywhere("-P output REJECT", some_rules)


def check_list_and_zero():
    stopped_everywhere("-L -Z -n", some_rules)
