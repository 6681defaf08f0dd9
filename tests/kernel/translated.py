"""The firewall of a test made by what fw-translate makes of its commands, not by the commands.

    firewall = Translated(["--optimize"])
    if firewall.notes("ipchains -A input -j DENY"):  # else it is for the shell
    ...
    problem = firewall.load(net, "firewall")  # all that has been noted so far

With "--run" among the options the commands are a script that runs in fw-translate's sandbox.
"""

import os
import re
import subprocess
import tempfile

FIREWALL = re.compile(
    r"(/sbin/|/usr/sbin/)?(ipchains|ipfwadm(-wrapper)?|ipmasqadm|ipportfw|ipautofw|ipfwd|insmod|modprobe|rmmod) "
)


class Translated:
    def __init__(self, options):
        self.options = options
        self.commands = []
        self.loaded = True

    def notes(self, command):
        """Whether it is a command for the firewall, which is kept for later."""
        if not FIREWALL.match(command):
            return False
        self.commands += os.path.expandvars(command).split(" && ")
        self.loaded = False
        return True

    def load(self, net, host):
        """Puts the rules as they are now into place. Returns what is wrong, or None."""
        if self.loaded:
            return None
        with tempfile.NamedTemporaryFile("w", suffix=".sh", encoding="ascii") as script:
            script.write("".join(command + "\n" for command in self.commands))
            script.flush()
            made = subprocess.run(
                ["fw-translate", *self.options, script.name],
                capture_output=True,
                text=True,
                timeout=100,
            )
        if made.returncode != 0:
            return made.stderr
        done = net.run(host, ["nft", "-f", "-"], input=made.stdout, capture_output=True, text=True)
        self.loaded = True
        return None if (done.returncode, done.stderr) == (0, "") else done.stderr + made.stdout
