"""Several at once, and other programs that change tables meanwhile."""

import os
import subprocess
import tempfile

from robust import sandbox

from .tools import ANY, both, program, restore, run, same, save

WRITERS = 8
RULES = 40


def started(text, state):
    environment = os.environ | ({"IPCHAINS_STATE": state} if state else {})
    process = subprocess.Popen([program("ipchains-restore"), "-f"], stdin=subprocess.PIPE,
                               stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True,
                               env=environment, start_new_session=True)
    process.stdin.write(text)
    process.stdin.close()
    return process


def check_many_restore_at_once():
    def check(state):
        texts = [f":c{n} -\n" + f"-A c{n} {ANY} -m {n}\n" * RULES for n in range(WRITERS)]
        for process in [started(text, state) for text in texts]:
            assert process.wait(60) == 0, process.stderr.read()
        saved = save(state=state)
        for n in range(WRITERS):
            same(saved.count(f"-A c{n} "), RULES)
    both(check)


def check_another_program_changes_its_tables_meanwhile():
    script = "add table ip other\nadd chain ip other c\ndelete table ip other\n"
    with tempfile.NamedTemporaryFile("w", suffix=".nft") as file:
        file.write(script)
        file.flush()
        busy = subprocess.Popen(["sh", "-c", f"while nft -f {file.name}; do :; done"],
                                stderr=subprocess.DEVNULL)
        try:
            for n in range(20):
                restore(f"-F\n-A input {ANY} -m {n + 1}\n" * 50)
                same(save().count(f"-m {n + 1}\n"), 1)
        finally:
            busy.kill()
            busy.wait()


def check_whoever_comes_between_is_not_overwritten():
    text = f":big -\n" + f"-A big {ANY} -j DENY\n" * 3000
    process = started(text, None)
    for n in range(30):
        sandbox.ipchains(f"-A output -m {n + 1}")
    assert process.wait(60) == 0, process.stderr.read()
    saved = save()
    same((saved.count("-A big"), saved.count("-A output")), (3000, 30))


def check_a_killed_restore_leaves_all_or_nothing():
    text = f"-F\n" + f"-A input {ANY} -j DENY\n" * 2000
    for milliseconds in range(1, 40, 4):
        process = started(text, None)
        try:
            process.wait(milliseconds / 1000)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        assert save().count("-A input") in (0, 2000)
    run("ipchains", "-F")
