"""ipchains-apply: nobody locks himself out."""

import contextlib
import os
import signal
import subprocess
import tempfile
import time

from robust import sandbox

from .tools import ANY, HEADS, Terminal, restore, run, same, save, soon

OLD = (f":input ACCEPT\n# [3:300]\n:forward DENY\n# [0:0]\n:output ACCEPT\n# [0:0]\n:mine -\n"
       f"-A input {ANY} -j mine\n# [5:500]\n-A mine {ANY} -p 1 -j REJECT\n# [1:84]\n")
NEW = f":input DENY\n:output DENY\n:yours -\n-A input {ANY} -i lo -j yours\n"
NEW_SAVED = HEADS.replace(":input ACCEPT\n:forward ACCEPT\n:output ACCEPT",
                          ":input DENY\n:forward DENY\n:output DENY")
NEW_SAVED += f":yours -\n-A input {ANY} -i lo -j yours\n"
QUESTION = "[y/N] "
BUILD_PATH = "PATH=%s/bin:$PATH\n"


@contextlib.contextmanager
def stage(text=NEW, mode=0o644):
    """The old rules in force, and a file with the new ones, or a script."""
    restore(OLD, "-c", "--replace")
    run("ipmasqadm", "portfw", "-f")
    run("ipmasqadm", *"portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 80".split())
    with tempfile.NamedTemporaryFile("w", prefix="restoring-", delete=False) as file:
        file.write(text)
    os.chmod(file.name, mode)
    try:
        yield file.name
    finally:
        os.unlink(file.name)


def forwards():
    return run("ipmasqadm", "portfw", "-l", "-n").stdout.count("203.0.113.1")


def old_is_back():
    return save("-c") == OLD and forwards() == 1


def asked(*options):
    terminal = Terminal("ipchains-apply", *options)
    terminal.expect(QUESTION)
    return terminal


def check_yes_keeps_the_new_rules():
    for answer in ("y\n", "YES\n"):
        with stage() as path:
            terminal = asked(path)
            same(save(), NEW_SAVED)
            terminal.type(answer)
            same(terminal.wait(), 0)
        time.sleep(0.3)
        same((save(), forwards()), (NEW_SAVED, 1))


def check_any_other_answer_brings_the_old_ones_back():
    for answer in ("n\n", "\n", "yess\n", "\x04"):
        with stage() as path:
            terminal = asked(path)
            terminal.type(answer)
            same(terminal.wait(), 1)
            assert "old rules are back" in terminal.seen, terminal.seen
            assert old_is_back(), save("-c")


def check_no_answer_in_time_brings_the_old_ones_back():
    with stage() as path:
        terminal = asked("-t", "1", path)
        same(terminal.wait(), 1)
        assert old_is_back(), save("-c")


def check_a_connection_that_is_gone_brings_the_old_ones_back():
    with stage() as path:
        terminal = asked(path)
        terminal.hang_up()
        soon(old_is_back)


def check_signals_bring_the_old_ones_back():
    for number in (signal.SIGHUP, signal.SIGTERM, signal.SIGINT, signal.SIGKILL):
        with stage() as path:
            terminal = asked(path)
            os.kill(terminal.pid, number)
            soon(old_is_back)


def check_a_process_that_hangs_does_not_keep_the_new_ones():
    with stage() as path:
        terminal = asked("-t", "1", path)
        os.kill(terminal.pid, signal.SIGSTOP)
        soon(old_is_back, 8)
        os.kill(terminal.pid, signal.SIGCONT)
        same(terminal.wait(), 1)


def check_what_was_typed_before_the_question_is_no_answer():
    script = "#!/bin/sh\n" + BUILD_PATH % sandbox.BUILD + "sleep 1; ipchains -P input DENY\n"
    with stage(script) as path:
        terminal = Terminal("ipchains-apply", "-t", "2", path)
        terminal.type("y\n")
        same(terminal.wait(), 1)
        assert old_is_back(), save("-c")


def check_a_file_with_errors_is_not_asked_about():
    with stage("-A input -j nosuch\n-A input -j DENYY\n") as path:
        terminal = Terminal("ipchains-apply", path)
        same(terminal.wait(), 1)
        assert QUESTION not in terminal.seen and "line 2: DENYY" in terminal.seen, terminal.seen
        assert old_is_back(), save("-c")


SCRIPT = "#!/bin/sh -e\n" + BUILD_PATH + """
ipchains -F; ipchains -X; ipmasqadm portfw -f
ipchains -P input DENY
"""


def check_a_script_is_run_and_undone_whole():
    for mode in (0o644, 0o755):
        with stage(SCRIPT % sandbox.BUILD, mode) as path:
            terminal = asked(path)
            same((save().count("-A "), forwards()), (0, 0))
            terminal.type("no\n")
            same(terminal.wait(), 1)
            assert old_is_back(), save("-c")
            terminal = asked(path)
            terminal.type("y\n")
            same(terminal.wait(), 0)
            assert save().startswith(":input DENY\n:forward DENY\n") and forwards() == 0


def check_scripts_that_fail_or_hang_are_undone():
    for last in ("exit 3", "no-such-command", "kill $$", "sleep 60 & wait"):
        with stage(SCRIPT % sandbox.BUILD + last + "\n") as path:
            terminal = Terminal("ipchains-apply", "-t", "2", path)
            same(terminal.wait(), 1)
            assert QUESTION not in terminal.seen, terminal.seen
            assert old_is_back(), save("-c")
    leftover = subprocess.run(["pgrep", "-f", "^sleep 60$"], capture_output=True, text=True).stdout
    mine = os.readlink("/proc/self/ns/net")
    for pid in leftover.split():
        with contextlib.suppress(OSError):
            assert os.readlink(f"/proc/{pid}/ns/net") != mine, "the script goes on"


def check_a_script_dies_with_the_connection():
    with stage(SCRIPT % sandbox.BUILD + "while :; do ipchains -A output; done\n") as path:
        terminal = Terminal("ipchains-apply", path)
        soon(lambda: save().count("-A output") > 3)
        terminal.hang_up()
        soon(old_is_back)
        time.sleep(0.3)
        assert old_is_back(), save("-c")


def check_without_a_terminal_nothing_is_changed():
    with stage() as path:
        done = run("ipchains-apply", path)
        assert done.returncode == 1 and "no terminal" in done.stderr, done
        assert old_is_back()


def check_a_file_is_undone_likewise():
    with stage() as path, tempfile.TemporaryDirectory(prefix="restoring-") as scratch:
        state = scratch + "/state"
        restore(OLD, "-c", state=state)
        terminal = asked("--state", state, path)
        same(save(state=state), NEW_SAVED)
        terminal.type("n\n")
        same(terminal.wait(), 1)
        same(save("-c", state=state), OLD)
        assert old_is_back()
