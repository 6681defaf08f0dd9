// ipfwadm of 1996 on today's kernel; also called ipfwadm-wrapper.
#include "firewall_program.h"
#include "fw/parse.h"
#include "program.h"

namespace {

std::string help(const fw::Help&) {
    return R"(Usage: ipfwadm CATEGORY COMMAND [RULE] [OPTIONS]

Categories
  -I                    input: packets that arrive
  -O                    output: packets that leave
  -F                    forward: packets that arrive and go on to another machine
  -A [in|out|both]      accounting: count packets as they arrive, leave, or both (both)
  -M                    masqueraded connections

Commands; POLICY is accept, deny or reject, or the beginning of one, and none with -A
  -a [POLICY] RULE      add a rule at the end
  -i [POLICY] RULE      put a rule before all others
  -d [POLICY] RULE      take the first rule away that is the same
  -l [-z]               show the rules; with -z set their counters to zero in the same step
  -z                    set the counters of the rules to zero
  -f                    take all rules away
  -p POLICY             what becomes of packets that no rule decides on
  -c PACKET             say what would become of a packet (-P -S -D -V -W, one port a side)
  -M -l                 show masqueraded connections
  -M -s TCP FIN UDP     set their timeouts in seconds, 0 leaves one alone

A rule; PORT is also an ICMP type, behind -S. Ten ports in all, a range counts two
  -P PROTOCOL           tcp, udp, icmp or all
  -S ADDRESS[/MASK] [PORT|PORT:PORT ...]
  -D ADDRESS[/MASK] [PORT|PORT:PORT ...]
  -W NAME               the interface that packets arrive or leave by
  -V ADDRESS            the same, named by its address
  -b                    packets of the other direction, too
  -y                    TCP packets that open a connection
  -k                    TCP packets of connections that are open (ACK or RST)
  -m                    masquerade (-F, with accept)
  -r [PORT]             redirect to a port of this machine (-I, with accept)
  -o                    log packets that match
  -t AND XOR            change the TOS byte of accepted packets, two hexadecimal numbers

Options
  -n                    numbers, no names
  -e                    with -l: interfaces, TOS and counters, too
  -x                    counters in full
  -v                    show the rule that is added or taken away
      --state FILE      work on a file, not on the kernel (or set IPFWADM_STATE)
      --trace           with -c: show the way through the rules
      --dry-run         show the nft script, change nothing
  -h, --help            this text
      --version

Letters may stand together: `ipfwadm -Fa m ...` is `ipfwadm -F -a m ...`.
)";
}

constexpr cli::FirewallProgram ipfwadm = {
    fw::Dialect::ipfwadm,
    fw::parse_ipfwadm,
    help,
    [] { return cli::version_line("ipfwadm", "2.3.0"); },
};

}  // namespace

int main(int argc, char** argv) { return cli::run_firewall_program(ipfwadm, argc, argv); }
