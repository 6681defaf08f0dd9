"""Files of saved rules, whole or not at all."""

import json
import pathlib
import subprocess
import tempfile

from robust import sandbox

from .tools import ANY, HEADS, both, program, restore, run, same, save

DATA = pathlib.Path(__file__).resolve().parents[2] / "data"
SAMPLES = 40


def recorded_rulesets():
    """Some of the random rulesets that the original was recorded with, as saved text."""
    with open(DATA / "ipchains-packets.jsonl", encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            if number % 20 == 0 and number < 20 * SAMPLES:
                yield json.loads(line)


def check_saved_rules_come_back_from_the_kernel_as_they_were():
    for case in recorded_rulesets():
        with tempfile.TemporaryDirectory(prefix="restoring-") as scratch:
            state = scratch + "/state"
            for words in case["rules"]:
                run(*words, state=state)
            first = save(state=state)
            restore(first, "--replace")
            same(save(), first)
            restore(save(), state=state + "2")
            same(save(state=state + "2"), first)


def check_a_file_with_errors_changes_nothing_and_names_them_all():
    def check(state):
        restore(":foo -\n-A foo -j DENY\n-A input -p tcp -j foo\n:output REJECT\n", state=state)
        before = save("-c", state=state)
        done = run("ipchains-restore", "-f", state=state, text=(
            ":input DENY\n-A input -j ACCEPT\n-A input -j nosuch\n\n-F\n-X\n"
            "-A input -p tcp --dport 70000\nrubbish\n"))
        assert done.returncode == 1 and done.stdout == "", done
        lines = done.stderr.splitlines()
        wanted = [("line 3", "nosuch"), ("line 7", "70000"), ("line 8", "rubbish")]
        assert len(lines) == len(wanted), done
        for line, words in zip(lines, wanted):
            assert all(word in line for word in ("ipchains-restore: ", *words)), line
        same(save("-c", state=state), before)
    both(check)


def check_a_loop_is_refused_before_the_kernel_sees_it():
    def check(state):
        done = run("ipchains-restore", state=state, text=(
            ":a -\n:b -\n-A input -j a\n-A a -j b\n-A b -j a\n-A b -j DENY\n"))
        assert done.returncode == 1 and "line 5: a: " in done.stderr, done
        same(save(state=state), HEADS)
    both(check)


def check_t_only_checks():
    def check(state):
        restore("-A input -j DENY\n", state=state)
        before = save(state=state)
        done = run("ipchains-restore", "-t", text="-F\n-A input -j ACCEPT\n", state=state)
        assert (done.returncode, done.stdout, done.stderr) == (0, "", ""), done
        done = run("ipchains-restore", "-t", text="-F\n-A input -j nosuch\n", state=state)
        assert done.returncode == 1 and "line 2: nosuch: " in done.stderr, done
        same(save(state=state), before)
    both(check)


def check_counters_of_rules_and_policies_come_back():
    text = (":input DENY\n# [7:700]\n:forward MASQ\n# [1:2]\n:output REJECT\n"
            "# [18446744073709551615:5]\n:foo -\n"
            f"-A input {ANY} -j ACCEPT -l\n# [10:1000]\n"
            f"-A output {ANY} -p 1 -j REJECT\n# [3:4]\n-A output {ANY} -j foo\n# [0:0]\n"
            f"-A foo {ANY} -j REJECT\n# [99:98]\n")

    def check(state):
        for _ in range(2):
            restore(text, "-c", "--replace", state=state)
            same(save("-c", state=state), text)
        # Others for the same rules, and for policies that are in several places of the table.
        other = text.replace("[7:700]", "[1:40]").replace("[99:98]", "[0:0]")
        restore(other, "-c", "--replace", state=state)
        same(save("-c", state=state), other)
        # Without -c the rules begin anew, and the policies go on counting.
        restore(text, "--replace", state=state)
        without = text.replace("[10:1000]", "[0:0]").replace("[3:4]", "[0:0]")
        same(save("-c", state=state),
             without.replace("[99:98]", "[0:0]").replace("[7:700]", "[1:40]"))
        # The original skips those lines; so do we if nobody asks for counters.
        assert "# [" not in save(state=state)
    both(check)


def check_dos_files_and_hand_written_ones():
    def check(state):
        restore("# Firewall\r\n\r\n:input DENY\r\n  -A input -i lo -j ACCEPT # this machine\r\n"
                "--append input --jump ACCEPT -p tcp --source 0/0 --dport 80:81 ! -y", state=state)
        same(save(state=state), HEADS.replace(":input ACCEPT", ":input DENY") +
             f"-A input {ANY} -i lo -j ACCEPT\n-A input -s 0.0.0.0/0.0.0.0 "
             "-d 0.0.0.0/0.0.0.0 80:81 -p 6 -j ACCEPT ! -y\n")
    both(check)


def check_marks_of_editors_are_no_words():
    def check(state):
        restore("\ufeff:input DENY\r\n-A input -j ACCEPT\r\n\x1a", state=state)
        same(save(state=state), HEADS.replace(":input ACCEPT", ":input DENY") +
             f"-A input {ANY} -j ACCEPT\n")
    both(check)


def check_a_full_disk_is_no_success():
    with tempfile.TemporaryDirectory(prefix="restoring-") as scratch:
        for rules in (1, 1000):  # what waits for the end, and what does not
            state = f"{scratch}/{rules}"
            restore("-A input -s 192.0.2.1 -j DENY\n" * rules, state=state)
            with open("/dev/full", "w") as full:
                done = subprocess.run([program("ipchains-save"), "--state", state], stdout=full,
                                      stderr=subprocess.PIPE, text=True, check=False, timeout=20)
            assert done.returncode == 1 and "standard output" in done.stderr, (rules, done)


def check_wrong_command_lines():
    for options, status in ((["-q"], 2), (["--stat"], 2), (["a", "b"], 2), (["/nonexistent"], 1),
                            (["--help"], 0), (["-V"], 0)):
        done = run("ipchains-restore", *options)
        assert done.returncode == status and (status == 0 or done.stderr.count("\n") == 1), done
    for options, status in ((["-q"], 2), (["a", "b"], 2), (["nosuch"], 1), (["--help"], 0)):
        done = run("ipchains-save", *options)
        assert done.returncode == status and (status == 0 or done.stderr.count("\n") == 1), done
    for options, status in ((["-t", "0", "x"], 2), ([], 2), (["a", "b"], 2), (["--help"], 0)):
        done = run("ipchains-apply", *options)
        assert done.returncode == status and (status == 0 or done.stderr.count("\n") == 1), done


def check_without_root_nothing_happens_but_checking():
    def as_nobody():
        import os
        os.setgid(65534)
        os.setuid(65534)
    done = run("ipchains-restore", text="-A input -j DENY\n", preexec_fn=as_nobody)
    assert done.returncode == 1 and done.stderr.count("\n") == 1, done
    done = run("ipchains-restore", "-t", text="-A input -j DENY\n-A inputt\n", preexec_fn=as_nobody)
    assert done.returncode == 1 and "line 2: inputt" in done.stderr, done
    same(save(), HEADS)
    assert sandbox.ruleset() == ""
