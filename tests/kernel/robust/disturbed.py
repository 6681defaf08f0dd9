"""Another program changes its own table as fast as it can, or has made it huge."""

import contextlib
import subprocess
import time

from robust import sandbox
from robust.sandbox import ipchains, nft, ruleset, sources

TWENTY = [
    "-N foo", "-A input -s 10.0.0.1 -j DENY", "-A input -j foo", "-I input 2 -s 10.0.0.2 -j DENY",
    "-A output -s 10.0.0.3 -j REJECT", "-A foo -s 10.0.0.4 -j REJECT", "-L -n", "-C input -p udp "
    "-s 10.0.0.1 1 -d 1.2.3.4 2 -i eth0", "-R input 1 -s 10.0.0.5 -j DENY", "-L -Z -n",
    "-P input DENY", "-P output REJECT", "-P forward MASQ", "-P forward ACCEPT", "-Z", "-D input 3",
    "-F foo", "-X foo", "-D output -s 10.0.0.3 -j REJECT", "-A forward -j MASQ",
]


@contextlib.contextmanager
def churn(seconds):
    process = subprocess.Popen([sandbox.BUILD / "tests/churn", str(seconds)],
                               stdout=subprocess.PIPE, text=True)
    time.sleep(0.2)
    try:
        yield process
    finally:
        process.terminate()
        process.communicate()


def right_end():
    assert sources("input") == ["10.0.0.5", "10.0.0.2"], ruleset()
    assert sources("output") == [] and len(sources("forward")) == 1
    listing = ipchains("-L -n")
    assert "Chain input (policy DENY)" in listing and "foo" not in listing, listing


def check_commands_succeed_beside_a_program_in_c():
    with churn(60) as process:
        for line in TWENTY:
            ipchains(line)
        assert process.poll() is None, "the other program ended too early"
    right_end()


def check_commands_succeed_beside_nft():
    nft("add table ip theirs\nadd chain ip theirs c\n")
    line = "add rule ip theirs c counter\nflush chain ip theirs c\n"
    process = subprocess.Popen(["nft", "-i"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        for command in TWENTY:
            process.stdin.write(line * 20)
            process.stdin.flush()
            ipchains(command)
    finally:
        process.stdin.close()
        process.wait(timeout=60)
    right_end()
    assert "table ip theirs" in ruleset()


def check_the_other_table_is_as_its_owner_left_it():
    process = subprocess.Popen([sandbox.BUILD / "tests/churn", "3"], stdout=subprocess.PIPE)
    time.sleep(0.2)
    for line in TWENTY:
        ipchains(line)
    process.wait(timeout=30)
    alone = "table ip other {\n\tchain busy {\n\t\t\n\t}\n}\n"
    assert alone in ruleset(), ruleset()


def address(number):
    return f"10.{number >> 16}.{number >> 8 & 255}.{number & 255}"


def many_rules(count):
    """Into input, in one transaction."""
    lines = "".join(f"-A input -s {address(i)} -j DENY\n" for i in range(count))
    done = subprocess.run([sandbox.BUILD / "tests/load"], input=lines, capture_output=True,
                          text=True)
    assert done.returncode == 0, done.stderr
    return [address(i) for i in range(count)]


def check_ten_thousand_rules():
    wanted = many_rules(10_000)
    assert sources("input") == wanted
    ipchains("-D input 5000", f"-D input -s {wanted[9999]} -j DENY", "-I input 5000 -s 1.2.3.4")
    assert sources("input") == wanted[:4999] + ["1.2.3.4"] + wanted[5000:9999]
    ipchains("-L -Z -n", "-F")
    assert sources("input") == []


def check_listing_is_whole_while_others_change_tables():
    wanted = many_rules(5000)
    with churn(60) as process:
        for _ in range(5):
            assert sources("input") == wanted
        ipchains("-D input 700")
        assert process.poll() is None
    assert sources("input") == wanted[:699] + wanted[700:]


def check_listing_is_consistent_while_our_own_rules_change():
    """Rules come and go at the end; the first thousand must always be there, once and in order."""
    wanted = many_rules(1000)
    changes = "".join(f"add rule ip ipchains input ip saddr 1.2.3.{i % 250}\n" for i in range(40))
    process = subprocess.Popen(["nft", "-i"], stdin=subprocess.PIPE, stdout=subprocess.DEVNULL,
                               stderr=subprocess.DEVNULL, text=True)
    for _ in range(10):
        process.stdin.write(changes)
        process.stdin.flush()
        for listed in (sources("input"), zeroed_sources()):
            assert [s for s in listed if not s.startswith("#")] == wanted
    process.stdin.close()
    process.wait(timeout=60)


def zeroed_sources():
    lines = ipchains("-L -Z -n").splitlines()
    return [line.split()[3] for line in lines if line.startswith("DENY")]


def check_fifty_thousand_rules_of_another_table():
    lines = "".join(f"ip saddr {address(i)} drop\n" for i in range(50_000))
    nft("table ip big {\nchain c {\n" + lines + "}\n}\n")
    for line in TWENTY:
        ipchains(line)
    right_end()
