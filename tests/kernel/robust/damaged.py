"""A table that others broke: every command that looks says so, and does nothing; none crashes."""

import subprocess

from robust import sandbox
from robust.sandbox import attempt, handles, ipchains, nft, refused, ruleset

TABLE = "ip ipchains"
REMEDY = "nft delete table ip ipchains"
READERS = ["-L -n", "-L -Z -n", "-D input 1", "-D input -s 10.0.0.1 -j DENY", "-I input 2 -j ACCEPT",
           "-R input 1 -j ACCEPT", "-A input -j foo", "-F", "-X", "-Z",
           "-C input -p tcp -s 1.2.3.4 1 -d 1.2.3.4 2 -i eth0"]


def good_table():
    ipchains("-N foo", "-A foo -s 10.0.0.9 -j REJECT", "-A input -s 10.0.0.1 -j DENY",
             "-A output -j foo", "-A forward -s 10.0.0.0/8 -j MASQ",
             "-A input -p tcp -d 0/0 80 -j REDIRECT 8080", "-A input -t 01 10 -m 1")


def everything_refuses():
    before = ruleset("-a")
    for line in READERS:
        refused(line, REMEDY)
    # These need not look, and may succeed: what they do is complete in itself.
    for line in ["-A input -s 10.0.0.3 -j DENY", "-P input DENY", "-N bar"]:
        done = attempt(line)
        assert done.returncode in (0, 1), done
        if done.returncode == 1:
            assert done.stderr.count("\n") == 1, done
    ipchains_only = [line for line in before.splitlines() if "counter" not in line]
    after = ruleset("-a").splitlines()
    assert all(line in after for line in ipchains_only if "10.0.0.3" not in line)
    # And the remedy works.
    nft(f"delete table {TABLE}\n")
    ipchains("-A input -s 10.0.0.1 -j DENY", "-L -n")


def rule_with(chain, *words):
    for handle, line in handles(chain):
        if all(word in line for word in words):
            return handle
    raise AssertionError(f"no rule with {words} in {handles(chain)}")


FRAME = ["input.hook", "forward.hook", "output.hook", "output.routed", "output.masqueraded",
         "nat.masquerade", "nat.redirect"]


def damage(script):
    good_table()
    nft(script)
    everything_refuses()


def check_frame_chains_flushed():
    for chain in FRAME:
        damage(f"flush chain {TABLE} {chain}\n")


def check_frame_chains_deleted():
    for chain in FRAME:
        damage(f"flush chain {TABLE} {chain}\ndelete chain {TABLE} {chain}\n")


def check_jumps_into_the_chains_deleted():
    for chain, word in [("input.hook", "jump input"), ("forward.hook", "jump forward"),
                        ("output.hook", "jump output"), ("output.routed", "jump output"),
                        ("output.masqueraded", "jump output")]:
        good_table()
        nft(f"delete rule {TABLE} {chain} handle {rule_with(chain, word)}\n")
        everything_refuses()


def check_policies_deleted():
    for chain in ["input.hook", "forward.hook", "output.hook", "output.routed"]:
        good_table()
        nft(f"delete rule {TABLE} {chain} handle {handles(chain)[-1][0]}\n")
        everything_refuses()


def check_copies_flushed_or_short():
    damage(f"flush chain {TABLE} foo.rewritten\n")
    good_table()
    nft(f"delete rule {TABLE} foo.rewritten handle {handles('foo.rewritten')[0][0]}\n")
    everything_refuses()


def check_built_in_chain_gone():
    good_table()
    handle = rule_with("input.hook", "jump input")
    nft(f"delete rule {TABLE} input.hook handle {handle}\n"
        f"flush chain {TABLE} input\ndelete chain {TABLE} input\n")
    everything_refuses()


def check_table_without_any_chain_is_empty():
    nft(f"add table {TABLE}\n")
    assert "Chain input (policy ACCEPT)" in ipchains("-L -n")
    ipchains("-A input -s 10.0.0.1 -j DENY", "-D input 1")


def check_flushed_table():
    """`nft flush table` takes all rules: packets pass, and that must not look like a firewall."""
    damage(f"flush table {TABLE}\n")


# A rule whose userdata claims to be ours: type 0x66, length, kind, then what is given.
GARBAGE = [b"\x00", b"\x00\x01\xff\xff\xff", b"\x00\x02", b"\x00\x01\x01\x09\x0a\x00\x00\x01",
           b"\x00\x01\x0f\x01\x07", b"\x01", b"\x01\x01", b"\x00\x01\x06\xf0\x00", b"\x00" * 200]


def check_garbage_in_userdata():
    for garbage in GARBAGE:
        ipchains("-A forward -s 10.0.0.1 -j DENY")
        add_raw_rule("input", bytes([0x66, len(garbage)]) + garbage)
        listing = attempt("-L -n")
        assert listing.returncode in (0, 1), listing
        if listing.returncode == 1:
            everything_refuses()
        else:
            nft(f"delete table {TABLE}\n")


def check_foreign_userdata_is_foreign():
    for userdata in [b"\x66", b"\x66\x00", b"\x66\xff\x00", b"\x66\x01\x09", b"\x01\x05\x66\x01",
                     b"\x00", b"\x66\x02\x00"]:
        ipchains("-A forward -s 10.0.0.1 -j DENY")
        add_raw_rule("input", userdata)
        listing = ipchains("-L input -n")
        assert "foreign rule" in listing, (userdata, listing)
        nft(f"delete table {TABLE}\n")


def add_raw_rule(chain, userdata):
    done = subprocess.run([sandbox.BUILD / "tests/churn", "--rule", chain, userdata.hex()],
                          capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    handles(chain)


def check_without_root():
    """In one line, with what to do; nothing is changed."""
    for line in ["-L -n", "-L", "-A input -j DENY", "-P input DENY", "-F", "-N foo", "-L -Z"]:
        done = subprocess.run(["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups",
                               "--inh-caps=-all", *sandbox.command(line)],
                              capture_output=True, text=True)
        if "setpriv" in done.stderr or "ermission denied" in done.stderr:
            return  # no setpriv here, or the build directory is closed to others
        assert done.returncode == 1 and done.stderr.count("\n") == 1, done
        assert "root" in done.stderr, done
    assert ruleset() == ""


def check_part_of_a_rule_gone():
    ipchains("-A input -m +5 -j DENY", "-A output -s 10.0.0.1 -t 01 10 -j DENY")
    handle = rule_with("input", "drop")
    nft(f"delete rule {TABLE} input handle {handle}\n")
    everything_refuses()


def check_somebody_elses_table_of_our_name():
    nft(f"add table {TABLE}\nadd chain {TABLE} foo\nadd rule {TABLE} foo accept\n")
    before = ruleset()
    for line in ("-L", "-P input DENY", "-A input -j DENY", "-N bar"):
        done = attempt(line)
        assert line == "-N bar" or done.returncode == 1, done
    assert before.split("}")[0] in ruleset()
