"""No packet is judged by a set of rules that is half loaded."""

import multiprocessing
import os
import re
import socket
import subprocess
import time

from robust import sandbox

from .tools import program, run

SWAPS = 200
FILLING = 150
BOTH, ONLY_A, ONLY_B = 5001, 5002, 5003
SO_RCVBUFFORCE = 33


def rules(accepted, denied):
    """Each port is decided about by a rule, the last ones; what the policy sees was misjudged."""
    text = "-F input\n-F filling\n-A input -p udp -j filling\n"
    text += "".join(f"-A filling -s 10.9.{n}.0/24 -j DENY\n" for n in range(FILLING))
    for port in [BOTH, accepted]:
        text += f"-A filling -p udp -d 127.0.0.1 {port} -j ACCEPT\n"
    return text + f"-A filling -p udp -d 127.0.0.1 {denied} -j DENY\n-A input -p icmp -j ACCEPT\n"


def send(stop, sent):
    out = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    while not stop.is_set():
        for _ in range(50):
            for port in (BOTH, ONLY_A, ONLY_B):
                out.sendto(b"x", ("127.0.0.1", port))
            sent.value += 1
        time.sleep(0.0005)


def receive(counted, ready, done):
    receiver = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    receiver.setsockopt(socket.SOL_SOCKET, SO_RCVBUFFORCE, 1 << 26)
    receiver.bind(("127.0.0.1", BOTH))
    receiver.settimeout(0.3)
    ready.set()
    while True:
        try:
            receiver.recv(16)
            counted.value += 1
        except TimeoutError:
            if done.is_set():
                return


def check_packets_see_the_old_set_or_the_new_one():
    subprocess.run(["ip", "link", "set", "lo", "up"], check=True)
    for port in (ONLY_A, ONLY_B):  # nobody there would answer with ICMP
        globals()[f"keep{port}"] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        globals()[f"keep{port}"].bind(("127.0.0.1", port))
    texts = [rules(ONLY_A, ONLY_B), rules(ONLY_B, ONLY_A)]
    sandbox.ipchains("-N filling")
    run("ipchains-restore", "-f", text=texts[0])
    sandbox.ipchains("-P input DENY")
    stop, done, ready = (multiprocessing.Event() for _ in range(3))
    sent, counted = (multiprocessing.Value("q", 0, lock=False) for _ in range(2))
    receiver = multiprocessing.Process(target=receive, args=(counted, ready, done))
    sender = multiprocessing.Process(target=send, args=(stop, sent))
    receiver.start()
    ready.wait()
    sender.start()
    try:
        for swap in range(1, SWAPS + 1):
            swapped = run("ipchains-restore", "-f", text=texts[swap % 2])
            assert swapped.returncode == 0, swapped
    finally:
        stop.set()
        sender.join()
        done.set()
        receiver.join()
    heading = sandbox.ipchains("-L input -n -v -x").splitlines()[0]
    judged_by_policy = int(re.search(r": (\d+) packets", heading).group(1))
    assert sent.value > 1000, f"only {sent.value} packets were sent"
    assert judged_by_policy == 0, f"{judged_by_policy} of {3 * sent.value} packets met a half set"
    assert counted.value == sent.value, f"{counted.value} of {sent.value} packets were accepted"
    assert os.access(program("ipchains"), os.X_OK)
