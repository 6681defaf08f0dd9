#include "tool.h"

namespace compat {

namespace {

constexpr const char* ipmasqadm = R"(Usage: ipmasqadm portfw|mfw|autofw OPTIONS

  portfw    one port of this machine to an inner host
  mfw       connections that ipchains marked (-m) to an inner host
  autofw    a range of ports to an inner host

`ipmasqadm portfw -h`, and so on, tells the options of each.
)";

constexpr const char* portfw = R"(Usage: ipmasqadm portfw COMMAND [OPTIONS]

  -a -P tcp|udp -L ADDRESS PORT -R ADDRESS PORT [-p N]
                     connections to this local address and port go to that inner one; several
                     entries for one local port take turns, N connections each (10)
  -d -P tcp|udp -L ADDRESS PORT [-R ADDRESS PORT]
                     no more; without -R, to none of the inner hosts
  -f                 all of them go
  -l [-n]            show them (-n: as numbers)
)";

constexpr const char* mfw = R"(Usage: ipmasqadm mfw COMMAND [OPTIONS]

  -A -m MARK -r ADDRESS [PORT] [-p N]
                     TCP and UDP connections whose first packet has this mark go to that inner
                     host, and port if one is given; entries for one mark take turns, N each (10)
  -E -m MARK -r ADDRESS [PORT] [-p N]
                     change N of an entry
  -D -m MARK [-r ADDRESS [PORT]]
                     no more; without -r, to none of the inner hosts
  -S -m MARK         it is the next entry's turn now
  -F                 all of them go
  -L [-n]            show them (-n: as numbers)
)";

constexpr const char* autofw = R"( COMMAND [OPTIONS]

  -A                 forward this (add an entry)
  -D                 no more (the same words as with -A, or only -r)
  -F                 all of them go
  -L [-n]            show them (-n: as numbers)

  -r tcp|udp LOW HIGH    these ports of this machine
  -h ADDRESS             to this inner host
  -c tcp|udp PORT        or to the one that last used this port of an outer host,
                         in the last 15 seconds
  -u                     with -c: however long ago
  -i                     with -c: for any outer host, not only that one
  -v                     accepted, does nothing
)";

constexpr const char* ipportfw = R"(Usage: ipportfw COMMAND [OPTIONS]

  -A -t|-u ADDRESS/PORT -R ADDRESS/PORT
                     TCP (-t) or UDP (-u) connections to this local address and port go to that
                     inner one; ports are 1 to 60999
  -D -t|-u ADDRESS/PORT
                     no more
  -C                 all of them go
  -L [-n]            show them (-n: as numbers)
)";

constexpr const char* ipfwd = R"(Usage: ipfwd [--masq] HOST PROTOCOL

All packets to this machine that are of this IP protocol (a number or a name) go to an inner host.

  --masq             and its answers come from this machine
  --foreground       stay, and end it when stopped (SIGTERM, SIGINT)
  --delete           end it (with the same words as it was begun)
  --list [-n]        show what is forwarded (-n: as numbers)
)";

constexpr const char* common = R"(
  --state FILE       work on a file, not on the kernel (or set IPCHAINS_STATE)
  --dry-run          show the nft script, change nothing
  -h, --help         this text
  -V, --version
)";

}  // namespace

std::string help_text(fw::MasqueradingTool tool) {
    switch (tool) {
        case fw::MasqueradingTool::ipmasqadm: return std::string(ipmasqadm) + common;
        case fw::MasqueradingTool::portfw: return std::string(portfw) + common;
        case fw::MasqueradingTool::mfw: return std::string(mfw) + common;
        case fw::MasqueradingTool::autofw:
            return std::string("Usage: ipmasqadm autofw") + autofw + common;
        case fw::MasqueradingTool::ipportfw: return std::string(ipportfw) + common;
        case fw::MasqueradingTool::ipautofw:
            return std::string("Usage: ipautofw") + autofw + common;
        case fw::MasqueradingTool::ipfwd: return std::string(ipfwd) + common;
    }
    return {};
}

}  // namespace compat
