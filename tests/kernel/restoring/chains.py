"""Chains that are there already when a file names them."""

import os

from robust import sandbox

from .tools import ANY, HEADS, Terminal, both, restore, run, same, save

TEXT = f":foo -\n:bar -\n-A foo {ANY} -j ACCEPT\n-A bar {ANY} -j ACCEPT\n"
OLD = HEADS + f":foo -\n:bar -\n-A foo {ANY} -j DENY\n-A bar {ANY} -j DENY\n"


def check_without_a_terminal_they_are_left_alone():
    def check(state):
        restore(OLD, state=state)
        done = restore(TEXT, state=state)
        assert "foo" in done.stderr and "skipped" in done.stderr, done
        same(save(state=state), OLD)
    both(check)


def check_f_empties_them():
    def check(state):
        restore(OLD, state=state)
        restore(TEXT, "-f", state=state)
        same(save(state=state), HEADS + TEXT)
    both(check)


def check_the_terminal_is_asked():
    restore(OLD)
    with open("/tmp/restoring-%d" % os.getpid(), "w", encoding="utf-8") as file:
        file.write(TEXT)
    try:
        terminal = Terminal("ipchains-restore", file.name)
        terminal.expect("Chain `foo' already exists. Skip or flush? [S/f]? ")
        restore(f"-A foo {ANY} -j REJECT\n")  # nobody waits for the answer
        terminal.type("s\n")
        terminal.expect("Chain `bar' already exists. Skip or flush? [S/f]? ")
        terminal.type("f\n")
        assert terminal.wait() == 0, terminal.seen
    finally:
        os.unlink(file.name)
    same(save(), HEADS + f":foo -\n:bar -\n-A foo {ANY} -j DENY\n-A foo {ANY} -j REJECT\n"
         f"-A bar {ANY} -j ACCEPT\n")


def check_other_programs_rules_are_not_saved_and_not_lost():
    restore(":foo -\n-A foo -j DENY\n")
    sandbox.nft("add rule ip ipchains input counter accept comment \"theirs\"\n"
                "add rule ip ipchains foo counter accept comment \"theirs, too\"")
    done = run("ipchains-save")
    assert done.returncode == 0 and "not saved: 2" in done.stderr, done
    restore(done.stdout, "--replace")
    assert sandbox.ruleset().count("theirs") == 2
    done = restore(HEADS, "--replace")
    assert "rules of other programs" in done.stderr and sandbox.ruleset().count("theirs") == 1, done
