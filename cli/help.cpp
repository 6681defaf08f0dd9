#include "help.h"

namespace cli {

std::string ipchains_help() {
    return R"(Usage: ipchains COMMAND CHAIN [RULE] [OPTIONS]

Rules of a chain
  -A, --append CHAIN RULE        add a rule at the end
  -I, --insert CHAIN [N] RULE    put a rule before rule N (1)
  -R, --replace CHAIN N RULE     put a rule in the place of rule N
  -D, --delete CHAIN N|RULE      take rule N away, or the first that is the same
  -C, --check CHAIN PACKET       say what would become of a packet
Whole chains (all of them, if none is named)
  -L, --list [CHAIN]             show the rules
  -F, --flush [CHAIN]            take all rules away
  -Z, --zero [CHAIN]             set the rules' counters to zero; may go with -L
  -N, --new CHAIN                make a chain
  -X, --delete-chain [CHAIN]     delete an empty chain that nothing jumps to
  -P, --policy CHAIN TARGET      what becomes of packets that no rule decides on
Masquerading
  -M, --masquerading -L          show masqueraded connections
  -M -S, --set TCP FIN UDP       set their timeouts in seconds, 0 leaves one alone

A rule, or a packet for -C; most tests may be turned round by a `!' before or behind the option
  -p, --proto PROTOCOL           tcp, udp, icmp, a number, or all
  -s, --source ADDRESS[/MASK] [PORT[:PORT]]
  -d, --destination ADDRESS[/MASK] [PORT[:PORT]]
      --sport PORT[:PORT], --dport PORT[:PORT]
      --icmp-type NAME           ipchains -h icmp lists the names
  -i, --interface NAME           NAME+ is all that begin so
  -y, --syn                      TCP packets that open a connection
  -f, --fragment                 second and later fragments
  -j, --jump TARGET              ACCEPT DENY REJECT MASQ RETURN REDIRECT [PORT] or a chain
  -l, --log                      log packets that match
  -m, --mark [+|-]MARK           set the mark, or add to it
  -o, --output [SIZE]            copy packets to user space
  -t, --TOS AND XOR              change the TOS byte, two hexadecimal numbers
  -b, --bidirectional            and the same with source and destination swapped

Options
  -n, --numeric                  numbers, no names
  -v, --verbose                  everything
  -x, --exact                    counters in full
      --line-numbers             number the rules
      --no-warnings              do not warn of TOS values and forwarding
      --state FILE               work on a file, not on the kernel (or set IPCHAINS_STATE)
      --trace                    with -C: show the way through the chains
      --dry-run                  show the nft script, change nothing
  -h, --help [icmp]              this text, or the names of ICMP types
  -V, --version
)";
}

}  // namespace cli
