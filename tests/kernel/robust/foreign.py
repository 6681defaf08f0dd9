"""What other programs put into our table is shown, and stays where it is."""

from robust.sandbox import attempt, handles, ipchains, nft, refused, ruleset, sources

# Each with a counter that shows whether somebody touched it.
COUNTER = "counter packets 7 bytes 700"
TABLE = "ip ipchains"


def three_strangers():
    """Ours 1, 2, 3 in input, and rules of another program at the start, behind 1, and at the end.
    Returns their handles."""
    ipchains(*[f"-A input -s 10.0.0.{i} -j DENY" for i in (1, 2, 3)])
    first = handles("input")[0][0]
    nft(f"insert rule {TABLE} input tcp dport 11 {COUNTER}\n")
    nft(f"add rule {TABLE} input handle {first} tcp dport 12 {COUNTER}\n")
    nft(f"add rule {TABLE} input tcp dport 13 {COUNTER}\n")
    return [f"#{strangers('input')[port]}" for port in (11, 12, 13)]


def strangers(chain):
    """The handles of other programs' rules by the port that they are about; their counters must
    be as they were."""
    found = {}
    for handle, line in handles(chain):
        if "dport 1" in line:
            assert COUNTER in line, line
            found[int(line.split("dport ")[1].split()[0])] = handle
    return found


def ours(*numbers):
    return [f"10.0.0.{number}" for number in numbers]


def check_listing_shows_them_in_place():
    a, b, c = three_strangers()
    assert sources("input") == [a, *ours(1), b, *ours(2, 3), c], sources("input")


def check_they_keep_their_place():
    a, b, c = three_strangers()
    ipchains("-A input -s 10.0.0.9 -j DENY")
    assert sources("input") == [a, *ours(1), b, *ours(2, 3), c, *ours(9)], sources("input")
    ipchains("-R input 2 -s 10.0.0.22 -j ACCEPT")
    assert sources("input") == [a, *ours(1), b, *ours(22, 3), c, *ours(9)], sources("input")
    ipchains("-I input 3 -s 10.0.0.33 -j ACCEPT")
    assert sources("input") == [a, *ours(1), b, *ours(22, 33, 3), c, *ours(9)], sources("input")
    ipchains("-D input 2")
    assert sources("input") == [a, *ours(1), b, *ours(33, 3), c, *ours(9)], sources("input")
    ipchains("-D input 3")
    assert sources("input") == [a, *ours(1), b, *ours(33), c, *ours(9)], sources("input")
    ipchains("-P input DENY", "-Z", "-L -Z -n")
    assert sources("input") == [a, *ours(1), b, *ours(33), c, *ours(9)], sources("input")
    strangers("input")


def check_they_survive_what_rebuilds_the_table():
    a, b, c = three_strangers()
    ipchains("-N foo", "-A foo -s 10.0.0.5 -j REJECT", "-A output -j foo")
    nft(f"add rule {TABLE} foo tcp dport 14 {COUNTER}\n"
        f"insert rule {TABLE} output tcp dport 15 {COUNTER}\n"
        f"add rule {TABLE} forward tcp dport 16 {COUNTER}\n")
    ipchains("-A forward -j MASQ", "-P forward DENY", "-A foo -i eth0 -j REJECT", "-A input -j foo",
             "-D foo 1", "-D forward 1", "-P output REJECT", "-Z", "-L -Z -n", "-D input -j foo")
    assert sources("input") == [a, *ours(1), b, *ours(2, 3), c], sources("input")
    for chain, port in [("foo", 14), ("output", 15), ("forward", 16)]:
        assert f"#{strangers(chain)[port]}" in sources(chain), chain


def check_they_survive_in_hook_chains():
    ipchains("-A input -s 10.0.0.1 -j DENY", "-A forward -j MASQ")
    places = [("insert", "input.hook", 11), ("add", "input.hook", 12), ("add", "forward.hook", 13),
              ("insert", "output.routed", 14), ("add", "nat.masquerade", 15)]
    for verb, chain, port in places:
        nft(f"{verb} rule {TABLE} {chain} tcp dport {port} {COUNTER}\n")
    ipchains("-P input DENY", "-P output REJECT", "-P forward REJECT", "-I input 1 -j REDIRECT 80 "
             "-p tcp", "-Z", "-L -Z -n", "-D input 1", "-P forward MASQ")
    for _, chain, port in places:
        assert port in strangers(chain), chain


def check_flush_removes_them_and_says_so():
    three_strangers()
    done = attempt("-F input")
    assert done.returncode == 0 and done.stdout == "", done
    assert done.stderr.count("\n") == 1 and "3" in done.stderr, done
    assert sources("input") == [] and handles("input") == []


def check_flush_of_an_empty_chain_removes_them_too():
    ipchains("-A input -j ACCEPT")
    nft(f"add rule {TABLE} forward tcp dport 11 {COUNTER}\n")
    done = attempt("-F")
    assert done.returncode == 0 and "1" in done.stderr, done
    assert handles("forward") == []


def check_deleting_a_chain_removes_them_and_says_so():
    ipchains("-N foo")
    nft(f"add rule {TABLE} foo tcp dport 11 {COUNTER}\n")
    done = attempt("-X foo")
    assert done.returncode == 0 and done.stderr.count("\n") == 1 and "1" in done.stderr, done
    assert "foo" not in ruleset()


def check_a_chain_that_a_stranger_jumps_to_stays():
    ipchains("-N foo")
    nft(f"add rule {TABLE} input tcp dport 11 {COUNTER} jump foo\n")
    before = ruleset()
    done = attempt("-X foo")
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done
    assert ruleset() == before


def check_chains_of_others_in_our_table_survive():
    ipchains("-A input -s 10.0.0.1 -j DENY")
    nft(f"add chain {TABLE} my.own\nadd rule {TABLE} my.own tcp dport 11 {COUNTER}\n"
        f"add chain {TABLE} base {{ type filter hook input priority 5; policy drop; }}\n"
        f"add rule {TABLE} base tcp dport 12 {COUNTER} jump my.own\n")
    ipchains("-A forward -j MASQ", "-F", "-X", "-P input REJECT", "-L -Z -n", "-Z")
    assert 11 in strangers("my.own") and 12 in strangers("base")
    assert "hook input priority filter + 5; policy drop;" in ruleset()


def check_a_plain_chain_of_another_program_is_a_chain():
    """Nothing tells it from one of ours, and it is treated as one."""
    ipchains("-A input -s 10.0.0.1 -j DENY")
    nft(f"add chain {TABLE} theirs\nadd rule {TABLE} theirs tcp dport 11 {COUNTER}\n")
    ipchains("-A forward -j MASQ", "-P input DENY")
    assert sources("theirs") == [f"#{strangers('theirs')[11]}"]
    done = attempt("-X")
    assert done.returncode == 0 and "1" in done.stderr, done


def check_other_tables_are_never_touched():
    theirs = ("table ip theirs {\n\tchain input {\n\t\ttype filter hook input priority filter; "
              "policy drop;\n\t\ttcp dport 1 accept\n\t}\n}\ntable inet ipchains {\n\tchain input "
              "{\n\t\ttcp dport 2 accept\n\t}\n}\n")
    nft(theirs)
    ipchains("-N foo", "-A input -j foo", "-A forward -j MASQ", "-P input DENY", "-Z", "-L -Z -n",
             "-F", "-X", "-P input ACCEPT")
    assert ruleset().startswith(theirs), ruleset()


def check_a_rule_with_a_comment_is_foreign():
    ipchains("-A input -s 10.0.0.1 -j DENY")
    nft(f'add rule {TABLE} input tcp dport 11 {COUNTER} comment "mine"\n')
    assert sources("input") == ["10.0.0.1", f"#{handles('input')[-1][0]}"]


def check_those_in_base_chains_are_shown_and_stay():
    ipchains("-P input DENY", "-A forward -s 10.0.0.0/8 -j MASQ")
    nft(f"insert rule {TABLE} input.hook tcp dport 11 {COUNTER} accept\n"
        f"insert rule {TABLE} output.masqueraded tcp dport 12 {COUNTER}\n")
    listing = ipchains("-L -n")
    assert "# foreign rule in input.hook, handle " in listing, listing
    assert "# foreign rule in output.masqueraded, handle " in listing, listing
    done = attempt("-F")
    assert done.returncode == 0 and not done.stderr, done
    assert list(strangers("input.hook")) == [11] and list(strangers("output.masqueraded")) == [12]
    ipchains("-A forward -s 10.0.0.0/8 -j MASQ", "-L -n", "-D forward 1", "-L -n")


def check_those_in_copies_are_shown_and_told_of():
    ipchains("-A forward -s 10.0.0.0/8 -j MASQ", "-A output -s 10.0.0.1 -j REJECT")
    nft(f"insert rule {TABLE} output.rewritten tcp dport 11 {COUNTER}\n")
    assert "# foreign rule in output.rewritten, handle " in ipchains("-L -n")
    done = attempt("-F output")
    assert done.returncode == 0 and "other programs" in done.stderr, done


def check_a_base_chain_of_theirs_is_no_chain_of_ours():
    ipchains("-P input DENY")
    nft(f"add chain {TABLE} foo {{ type filter hook input priority 5; }}\n")
    before = ruleset()
    refused("-N foo", "foo", "base chain")
    refused("-A foo -j DENY", "foo")
    refused("-X foo", "foo")
    assert ruleset() == before


def check_replies_of_other_programs_nat_meet_forward():
    ipchains("-P forward DENY", "-A forward -s 10.0.0.0/8 -j MASQ")
    assert "ct direction reply ct label 126 ct status snat accept" in ruleset(), ruleset()
    assert all("ct label" in line for line in ruleset().splitlines() if "ct status" in line)


def check_a_chain_that_they_jump_to_can_not_be_deleted():
    ipchains("-N foo")
    nft(f"add rule {TABLE} input jump foo\n")
    refused("-X foo", "foo", "another program")
    ipchains("-L foo")
