"""Packets: counted where Linux 2.0 counted them, and none lost; many commands at once."""

import contextlib
import socket
import threading

from hosts import PASSES, Cell
from masq_trial import FIREWALL, INNER, OUTER, PUBLIC, private_network
from ipfwadm.shell import cautioned, counts, good, lo_up, rules, send, start, table


def check_accounting_comes_before_input_and_behind_output():
    lo_up()
    good("ipfwadm -A in -a -P udp -D 127.0.0.1 99", "ipfwadm -A out -a -P udp -D 127.0.0.1 99",
         "ipfwadm -A both -a -P udp", "ipfwadm -I -a deny -P udp -D 127.0.0.1 99")
    send(3)
    assert counts("A") == [3, 3, 6] and counts("I") == [3], (rules("A"), rules("I"))
    good("ipfwadm -A -z", "ipfwadm -I -z", "ipfwadm -I -f", "ipfwadm -I -p deny")
    send(3)
    assert counts("A") == [3, 3, 6], rules("A")
    good("ipfwadm -A -z", "ipfwadm -O -a deny -P udp -D 127.0.0.1 99")
    send(3)
    assert counts("A") == [0, 0, 0] and counts("O") == [3], (rules("A"), rules("O"))
    good("ipfwadm -O -f", "ipfwadm -O -p reject")
    send(3)
    assert counts("A") == [0, 0, 0], rules("A")


def check_accounting_and_listing_of_what_is_masqueraded():
    """What leaves is counted as it is rewritten, what arrives as it came."""
    with private_network() as net:
        net.serve([("outer", "udp", 53)])
        with net.on(FIREWALL):
            good("ipfwadm -F -p deny", "ipfwadm -F -a m -S 10.0.0.0/8 -D 0.0.0.0/0",
                 f"ipfwadm -A in -a -P udp -S {INNER}", f"ipfwadm -A out -a -P udp -S {INNER}",
                 f"ipfwadm -A out -a -P udp -S {PUBLIC}", f"ipfwadm -A in -a -P udp -D {PUBLIC}",
                 f"ipfwadm -A out -a -P udp -D {INNER}", f"ipfwadm -O -a accept -P udp -S {PUBLIC}")
        outcomes = net.outcomes([Cell("inner", "outer", "udp", 53, PASSES)])
        with net.on(FIREWALL):
            assert counts("A") == [1, 0, 1, 1, 1] and counts("O") == [1], (outcomes, rules("A"))
            listed = good("ipfwadm -M -l -n").splitlines()
        assert len(listed) == 3 and listed[2].split()[2:4] == [INNER, OUTER], listed


def check_each_table_redirects_to_its_own_ports():
    """Whichever of the two was there first."""
    new, old = ("ipchains -A input -p tcp -d 0/0 80 -j REDIRECT 8081",
                "ipfwadm -I -a accept -P tcp -D 0/0 23 -r 8080")
    for first, second in ((new, old), (old, new)):
        with private_network() as net:
            net.serve([("gateway", "tcp", 8081), ("outer", "tcp", 80)])
            with net.on(FIREWALL):
                good(first)
                cautioned(second, "pass only where both let them")
            cell = Cell("inner", "outer", "tcp", 80, PASSES)
            outcomes = net.outcomes([cell])
            assert outcomes == [PASSES], (first, outcomes)


def check_much_data_at_once_is_not_taken_for_a_short_packet():
    """On lo, TCP has packets longer than the length field of IP can say: it is 0 there."""
    lo_up()
    good("ipfwadm -I -p deny", "ipfwadm -O -p deny", "ipfwadm -A both -a -P tcp",
         "ipfwadm -I -a accept -P tcp", "ipfwadm -O -a accept -P tcp")
    size, received = 1 << 25, 0
    with socket.create_server(("127.0.0.1", 0)) as server:
        with socket.create_connection(server.getsockname()) as client:
            client.settimeout(5)
            receiver, _ = server.accept()
            receiver.settimeout(5)
            sender = threading.Thread(target=send_all, args=(client, bytes(size)))
            sender.start()
            with receiver, contextlib.suppress(TimeoutError):
                while received < size:
                    received += len(receiver.recv(1 << 20))
            sender.join()
    assert received == size, received
    counted = int(rules("A")[0].split()[1])
    assert counted >= 2 * size, (counted, size)


def send_all(client, data):
    with contextlib.suppress(OSError):
        client.sendall(data)


def check_a_rule_of_both_directions_is_one():
    """Listed once, deleted once, and it counts a packet that would fit twice once."""
    lo_up()
    rule = "-P udp -b -S 127.0.0.1 -D 127.0.0.1 53 99 1000:2000"
    good(f"ipfwadm -A in -a {rule}", f"ipfwadm -I -a accept {rule}")
    send(4)
    send(2, port=1500)
    assert counts("A") == [6] and counts("I") == [6], table("ipfwadm")
    good(f"ipfwadm -A in -d {rule}", f"ipfwadm -I -d accept {rule}")
    assert counts("A") == [] and counts("I") == []


def check_listing_and_clearing_loses_no_packet():
    lo_up()
    good("ipfwadm -A out -a -P udp -D 127.0.0.1",
         "ipfwadm -O -a accept -P udp -b -D 127.0.0.1 9 99")
    sent, over = 0, threading.Event()

    def keep_sending():
        nonlocal sent
        while not over.is_set():
            send(100)
            sent += 100

    sender = threading.Thread(target=keep_sending)
    seen = {"A": [], "O": []}
    sender.start()
    for _ in range(20):
        for category, found in seen.items():
            line = good(f"ipfwadm -{category} -l -z -e -n -x").splitlines()[2]
            found.append(int(line.split()[0]))
    over.set()
    sender.join()
    for category, found in seen.items():
        assert len([count for count in found if count > 0]) > 5, found
        assert sum(found) + counts(category)[0] == sent, (category, found, sent)


def check_clearing_one_category_leaves_the_others():
    lo_up()
    good("ipfwadm -A both -a -P udp", "ipfwadm -I -a accept -P udp", "ipfwadm -O -a accept -P udp")
    send(2)
    good("ipfwadm -I -l -z")
    assert (counts("A"), counts("I"), counts("O")) == ([4], [0], [2])
    good("ipfwadm -A -z")
    assert (counts("A"), counts("O")) == ([0], [2])


def check_many_commands_at_once():
    addresses = [f"10.1.0.{i}" for i in range(20)]
    lines = [f"ipfwadm -I -a deny -S {address}" for address in addresses]
    lines += [f"ipfwadm -A in -a -b -S {address}" for address in addresses]
    lines += [f"ipfwadm -F -i m -S {address}" for address in addresses]
    processes = [(lines[i * 7 % 60], start(lines[i * 7 % 60])) for i in range(60)]
    for line, process in processes:
        _, complaint = process.communicate(timeout=60)
        assert process.returncode == 0 and not complaint, (line, complaint)
    for category, column in (("I", 9), ("A", 7), ("F", 9)):
        found = sorted(line.split()[column] for line in rules(category))
        assert found == sorted(addresses), (category, found)
