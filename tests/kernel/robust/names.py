"""Whatever a chain or interface is called, nft can read back what it lists, and -L shows the real
name."""

import pathlib

from robust.sandbox import attempt, ipchains, nft, refused, reload, ruleset

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
BUILT_IN = {"input", "forward", "output"}
MOST_AT_ONCE = 30
ODD = ["a.b", "a/b", "1", "1a", "_", "a b", 'a"b', "a\\b", "a'b", "a;b", "a{b", "a}b", "#a",
       "$a", "@a", "*", "a*", "a\tb", "a\nb", "\x01", "\x7f", "ü", "日本", "chain.x", "x.rewritten",
       "x.leaving", "input.hook", "Input", "INPUT", "nat.redirect", "fragments", "ipchains", "tos.1",
       "a:b", "a,b", "a=b", "<a>", "(a)", "[a]", "a|b", "a&b", "a!b", "~a", "`a`", "%s", "0x10", "."]


def every_word():
    return [word for word in (DATA / "nft-keywords.txt").read_text().split() if word not in BUILT_IN]


def chains_listed():
    """As -L names them, in order."""
    lines = ipchains("-L -n").split("\nChain ")[1:]
    return [line.split(" (")[0] for line in lines][2:]


def check_words_of_nft_as_chains():
    words = every_word()
    assert len(words) > 350
    made = []
    for word in words:
        done = attempt(["-N", word])
        if done.returncode != 0:
            assert len(word) > 31, done
            continue
        ipchains(["-A", "input", "-j", word], ["-A", word, "-s", "10.0.0.1", "-l", "-j", "REJECT"])
        made.append(word)
        if len(made) == MOST_AT_ONCE:
            read_back(made)
            made = []
    read_back(made)


def read_back(names):
    reload()
    assert chains_listed() == names, chains_listed()
    ipchains("-D input 1", ["-A", "output", "-j", names[0]], "-A forward -j MASQ")
    reload()
    assert chains_listed() == names, chains_listed()
    ipchains("-F", "-X")
    assert chains_listed() == []


def check_odd_bytes_as_chains():
    made = []
    for name in ODD:
        done = attempt(["-N", name])
        assert done.returncode in (0, 1, 2), done
        if done.returncode == 0:
            made.append(name)
            ipchains(["-A", "input", "-l", "-j", name],
                     ["-A", name, "-p", "tcp", "-s", "10.0.0.1", "80", "-l", "-j", "REJECT"])
            reload()
        else:
            assert done.stderr.count("\n") == 1, done
    assert len(made) > 30, made
    listing = ipchains("-L -n")
    for name in made:
        assert f"Chain {name} (1 references):" in listing, name
    for name in reversed(made):
        ipchains(["-D", "input", "-l", "-j", name], ["-F", name], ["-X", name])
    assert chains_listed() == []


def check_odd_interfaces():
    names = ["eth0", "eth0:1", "a.b", "a-b", "a_b", "1", "a*", "*", "a*b", 'a"b', "a\\b", "a'b", "$a",
             "@a", "a b", "a;b", "{a}", "#a", "ü", "\x01", "a\nb", "lo", "if!", "%d", "a\\*", "\\",
             "ppp+", "+", "a++", "a*+", "\\+", "log", "accept", "x" * 15, "x" * 14 + "+", "x" * 15 + "+"]
    taken = []
    for name in names:
        for chain in ("input", "output"):
            done = attempt(["-A", chain, "-i", name, "-j", "DENY"])
            assert done.returncode in (0, 1, 2), (name, done)
            if done.returncode == 0:
                taken.append(name)
            else:
                assert done.stderr.count("\n") == 1, done
        reload()
    assert len(taken) > 20, taken
    for name in taken:
        done = attempt(["-D", "input", "-i", name, "-j", "DENY"])
        assert done.returncode in (0, 1), done


def check_a_table_that_nft_loaded_again_is_not_taken_for_empty():
    """nft does not keep what we know about the rules; that must be said, with what to do."""
    ipchains("-A input -s 10.0.0.1 -j DENY")
    nft("flush ruleset\n" + ruleset())
    refused("-L -n", "nft delete table ip ipchains")
    nft("delete table ip ipchains\n")
    ipchains("-A input -s 10.0.0.1 -j DENY", "-L -n")
