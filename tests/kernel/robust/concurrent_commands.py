"""Many commands of ours at once."""

import collections

from robust.sandbox import attempt, ipchains, ruleset, sources, start

MOST_AT_ONCE = 50


def run_all(lines):
    """Keeps many running at a time. Returns those that failed."""
    running, failed = collections.deque(), []
    for line in lines:
        running.append((line, start(line)))
        if len(running) >= MOST_AT_ONCE:
            failed += finished(running.popleft())
    while running:
        failed += finished(running.popleft())
    return failed


def finished(item):
    line, process = item
    _, complaint = process.communicate(timeout=60)
    return [(line, complaint)] if process.returncode != 0 else []


def addresses(count, net=1):
    return [f"10.{net}.{i // 100}.{i % 100}" for i in range(count)]


def check_two_hundred_appends_into_nothing():
    wanted = addresses(200)
    failed = run_all(f"-A input -s {address} -j DENY" for address in wanted)
    assert not failed, failed[:3]
    assert sorted(sources("input")) == sorted(wanted), ruleset()


def check_many_kinds_at_once():
    appended, first, fifth = addresses(40, 1), addresses(30, 2), addresses(30, 3)
    replaced, deleted = addresses(20, 4), addresses(30, 5)
    ipchains(*[f"-A input -s {address} -j DENY" for address in replaced + deleted])
    chains = [f"c{i}" for i in range(20)]
    ipchains(*[f"-N {name}" for name in chains[:10]])
    lines = [f"-A input -s {address} -j DENY" for address in appended]
    lines += [f"-I input 1 -s {address} -j ACCEPT" for address in first]
    lines += [f"-I input 5 -s {address} -j REJECT" for address in fifth]
    lines += [f"-D input -s {address} -j DENY" for address in deleted]
    lines += [f"-N {name}" for name in chains[10:]]
    lines += [f"-A output -j {name}" for name in chains[:10]]
    lines += [f"-P forward {policy}" for policy in ["DENY", "REJECT", "ACCEPT", "DENY"]]
    lines += [f"-A c{i % 10} -s {address} -j REJECT" for i, address in enumerate(addresses(20, 6))]
    mixed = [lines[i * 37 % len(lines)] for i in range(len(lines))]
    assert len(set(mixed)) == len(set(lines))
    failed = run_all(mixed)
    assert not failed, failed[:3]
    wanted = appended + first + fifth + replaced
    assert sorted(sources("input")) == sorted(wanted)
    listing = ipchains("-L -n")
    for name in chains:
        assert f"Chain {name} (" in listing, listing
    assert listing.count("REJECT     all  ------  10.6.") == 20, listing


def check_replacing_while_others_append():
    ipchains("-A input -s 10.9.9.9 -j DENY")
    appended = addresses(60)
    lines = []
    for i, address in enumerate(appended):
        lines += [f"-A input -s {address} -j DENY", f"-R input 1 -s 10.8.0.{i} -j DENY"]
    failed = run_all(lines)
    assert not failed, failed[:3]
    found = sources("input")
    assert len(found) == 61 and found[0].startswith("10.8.0."), found
    assert sorted(found[1:]) == sorted(appended)


def check_one_of_many_makes_a_chain():
    processes = [start("-N only") for _ in range(30)]
    exits = [process.wait(timeout=60) for process in processes]
    assert exits.count(0) == 1 and exits.count(1) == 29, exits


def check_jumps_and_masquerading_at_once():
    """Each changes the frame of the table that the others see."""
    ipchains("-N foo", "-A output -j foo")
    lines = [f"-A forward -s 10.1.0.{i} -j MASQ" for i in range(20)]
    lines += [f"-A foo -s 10.2.0.{i} -j REJECT" for i in range(20)]
    lines += [f"-A input -p tcp -s 10.3.0.{i} -j REDIRECT {8000 + i}" for i in range(20)]
    failed = run_all(lines[i * 7 % 60] for i in range(60))
    assert not failed, failed[:3]
    for chain in ["forward", "foo", "input"]:
        assert len(sources(chain)) == 20, chain
    text = ruleset()
    copies = text.split("chain foo.rewritten {")[1].split("}")[0]
    assert copies.count("ip saddr 10.2.0.") == 20, copies
    assert attempt("-F").returncode == 0


def check_thirty_masquerade_into_nothing_and_out_again():
    """The first makes the nat chains, the last takes them away; nobody knows that it is the one."""
    wanted = addresses(30)
    at_once([f"-A forward -s {address} -j MASQ" for address in wanted])
    assert sorted(sources("forward")) == sorted(wanted), ruleset()
    assert ruleset().count("type nat hook postrouting") == 1, ruleset()
    assert ruleset().count(" ct label set 126 ") == 30, ruleset()
    at_once([f"-D forward -s {address} -j MASQ" for address in wanted])
    assert sources("forward") == [], ruleset()
    assert "nat" not in ruleset() and "ct " not in ruleset(), ruleset()


def check_masquerading_comes_and_goes_while_copies_are_made():
    """Each -D may be of the last MASQ, each -A of the first; foo has a copy only in between."""
    ipchains("-N foo", "-A foo -s 10.9.0.0/16 -j REJECT", "-A output -j foo")
    gone, come, rejected = addresses(15, 1), addresses(15, 2), addresses(15, 3)
    ipchains(*[f"-A forward -s {address} -j MASQ" for address in gone])
    lines = []
    for i in range(15):
        lines += [f"-D forward -s {gone[i]} -j MASQ", f"-A forward -s {come[i]} -j MASQ",
                  f"-I foo -s {rejected[i]} -j REJECT"]
    at_once(lines)
    assert sorted(sources("forward")) == sorted(come), ruleset()
    for chain in ("foo", "foo.rewritten"):
        text = ruleset().split(f"chain {chain} {{")[1].split("}")[0]
        assert text.count("ip saddr 10.3.0.") == 15 and text.count("10.9.0.0/16") == 1, text
    at_once([f"-D forward -s {address} -j MASQ" for address in come])
    assert "foo.rewritten" not in ruleset() and "ct " not in ruleset(), ruleset()


def at_once(lines):
    failed = [outcome for item in [(line, start(line)) for line in lines]
              for outcome in finished(item)]
    assert not failed, failed[:3]
