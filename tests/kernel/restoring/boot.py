"""The script that init and systemd run, and the recipe of the HOWTO, with an /etc of their own."""

import ctypes
import os
import pathlib
import shutil
import subprocess
import tempfile

from robust import sandbox

from .tools import ANY, HEADS, run, same, save

TESTS = pathlib.Path(__file__).resolve().parents[2]
SCRIPTS = TESTS.parent / "scripts"
CLONE_NEWNS, MS_BIND, MS_REC, MS_PRIVATE = 0x00020000, 4096, 16384, 1 << 18
RULES = (f":input DENY\n:forward DENY\n:output ACCEPT\n:ppp-in -\n-A input {ANY} -i lo -j ACCEPT\n"
         f"-A input {ANY} -i ppp0 -j ppp-in\n-A ppp-in {ANY} -p 1 -j ACCEPT\n")
CLOSED = (":input DENY\n:forward DENY\n:output DENY\n"
          f"-A input {ANY} -i lo -j ACCEPT\n-A output {ANY} -i lo -j ACCEPT\n")


def mount(source, target, flags):
    libc = ctypes.CDLL(None, use_errno=True)
    source = None if source is None else os.fsencode(source)
    if libc.mount(source, os.fsencode(target), None, flags, None) != 0:
        raise OSError(ctypes.get_errno(), f"mount {target}")


class Machine:
    """With an /etc that may be written to, and our programs in /sbin. Nothing outside changes."""

    def __enter__(self):
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.unshare(CLONE_NEWNS) != 0:
            raise OSError(ctypes.get_errno(), "unshare")
        mount(None, "/", MS_REC | MS_PRIVATE)
        self.scratch = tempfile.mkdtemp(prefix="restoring-")
        etc, sbin = self.scratch + "/etc", self.scratch + "/sbin"
        shutil.copytree(TESTS / "data/etc", etc)
        os.mkdir(etc + "/default")
        os.mkdir(sbin)
        for name in ("ipchains", "ipchains-save", "ipchains-restore"):
            os.symlink(sandbox.BUILD / "bin" / name, f"{sbin}/{name}")
        self.boot = self.scratch + "/ipchains-boot"
        text = (SCRIPTS / "ipchains-boot.in").read_text()
        pathlib.Path(self.boot).write_text(text.replace("@CMAKE_INSTALL_FULL_SBINDIR@", sbin))
        mount(etc, "/etc", MS_BIND)
        self.rules = pathlib.Path("/etc/ipchains.rules")
        self.default = pathlib.Path("/etc/default/ipchains")
        return self

    def __exit__(self, *_):
        shutil.rmtree(self.scratch, ignore_errors=True)

    def run(self, *words):
        return subprocess.run(["sh", self.boot, *words], capture_output=True, text=True, timeout=30,
                              stdin=subprocess.DEVNULL, start_new_session=True)


def expect(done, status, *words):
    assert done.returncode == status, done
    for word in words:
        assert word in done.stdout + done.stderr, done


def check_start_status_save_and_stop():
    with Machine() as machine:
        expect(machine.run("status"), 3)
        expect(machine.run("start"), 0, "nothing was loaded")
        machine.rules.write_text(RULES)
        expect(machine.run("start"), 0, "loaded")
        same(save(), RULES)
        expect(machine.run("status"), 0, "3 rules")
        for again in ("start", "restart", "force-reload"):
            expect(machine.run(again), 0)
            same(save(), RULES)
        sandbox.ipchains("-A output -j DENY")
        expect(machine.run("save"), 0)
        same(machine.rules.read_text(), RULES.replace("-A ppp-in", f"-A output {ANY} -j DENY\n"
                                                      "-A ppp-in"))
        same(machine.rules.stat().st_mode & 0o777, 0o600)
        expect(machine.run("stop"), 0)
        same(save(), HEADS)
        expect(machine.run("status"), 3)
        expect(machine.run("dance"), 2, "Usage")
        expect(machine.run(), 2, "Usage")


def check_a_bad_file_leaves_the_rules_as_they_were():
    with Machine() as machine:
        machine.rules.write_text(RULES)
        machine.run("start")
        machine.rules.write_text(RULES + "-A nosuch -j DENY\n")
        expect(machine.run("restart"), 1, "line 8: nosuch")
        same(save(), RULES)


def check_fail_closed():
    with Machine() as machine:
        machine.default.write_text("FAIL_CLOSED=yes\n")
        expect(machine.run("start"), 1, "nothing passes but loopback")
        same(save(), CLOSED)
        machine.rules.write_text("-A input -j nosuch\n")
        expect(machine.run("start"), 1)
        same(save(), CLOSED)
        machine.rules.write_text(RULES)
        expect(machine.run("start"), 0)
        same(save(), RULES)


def check_counters_are_kept_if_told_so():
    with Machine() as machine:
        machine.default.write_text("SAVE_COUNTERS=yes\n")
        text = RULES.replace("-i lo -j ACCEPT\n", "-i lo -j ACCEPT\n# [12:34]\n")
        machine.rules.write_text(text)
        machine.run("start")
        expect(machine.run("save"), 0)
        assert "-i lo -j ACCEPT\n# [12:34]\n" in machine.rules.read_text()


def check_the_recipe_of_the_howto():
    recipe = TESTS / "data/scripts/howto/2.3-make-permanent.sh"
    with Machine() as machine:
        mount(machine.scratch + "/sbin", "/sbin" if not os.path.islink("/sbin") else "/usr/sbin",
              MS_BIND)

        def run_it(word):
            return subprocess.run(["/bin/sh", recipe, word], capture_output=True, text=True,
                                  timeout=30, stdin=subprocess.DEVNULL, start_new_session=True)
        expect(run_it("start"), 0)
        same(save(), HEADS)
        run("ipchains-restore", text=RULES)
        saved = subprocess.run("ipchains-save > /etc/ipchains.rules", shell=True,
                               capture_output=True, text=True)
        expect(saved, 0, "Saving `input'.")
        expect(run_it("stop"), 0, "Turning off packet filtering:.")
        same(save(), HEADS + ":ppp-in -\n")
        sandbox.ipchains("-X")
        expect(run_it("start"), 0, "Turning on packet filtering:")
        same(save(), RULES)
        same(pathlib.Path("/proc/sys/net/ipv4/ip_forward").read_text().strip(), "1")
        expect(run_it("dance"), 1, "Usage")
