// Runs a firewall script of the nineties without letting it touch the machine, and tells what it
// did. It runs in user, mount, process, network, IPC and host name namespaces of its own, without
// any privilege outside and as nobody if root asks; sees the machine's files but can write only
// into copies that vanish; finds our programs where it looks for ipchains and its kin; and is
// stopped when it takes too long, or too much of anything. Works without root wherever users may
// make namespaces (Linux 5.12 or later).
//
//     fw::Result<sandbox::Run> run = sandbox::run_script({.script = "/etc/rc.d/rc.firewall"});
//     if (run && run->finished()) {
//         fw::translate::replay(run->commands, names);
//     }
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/result.h"
#include "fw/rule.h"
#include "translate/replay.h"

namespace sandbox {

// An interface that the script expects, with its address.
struct Interface {
    std::string name;
    fw::Address address;
    unsigned prefix = 32;
    std::optional<fw::Address> peer;  // of a line to one other machine
};

// "eth0=10.0.0.1/24"; "ppp0=192.0.2.7/192.0.2.1" has a peer; without a slash, the network is as
// wide as addresses of its class were (ppp and sl: no network). Code::usage for anything else.
[[nodiscard]] fw::Result<Interface> read_interface(std::string_view text);

// "10.0.0.1"; nothing if it is no address of four numbers.
[[nodiscard]] std::optional<fw::Address> read_address(std::string_view text);

struct RunRequest {
    std::string script;
    std::vector<std::string> arguments = {};
    std::vector<Interface> interfaces = {};
    std::optional<fw::Address> gateway = {};  // the way to everywhere else
    std::string hosts = {};                   // a file to be /etc/hosts; empty: the machine's own
    std::string etc = {};                     // a folder to be laid over /etc; empty: none
    // What `uname -r` is to say; empty: 2.0.38 for scripts that speak of ipfwadm and not of
    // ipchains, 2.2.26 for all others.
    std::string kernel = {};
    unsigned seconds = 60;  // that the script may take
};

enum class End { exited, killed, too_long, too_many_processes, too_much_memory };

// A setting under /proc/sys that the script changed.
struct Setting {
    std::string name;  // "net/ipv4/ip_forward"
    std::string value;
    bool known_today = true;  // this kernel has it
};

// A command other than those that filter, and what became of it.
struct Aside {
    std::string program;  // without its folder
    std::vector<std::string> words;
    std::string file;
    std::uint32_t line = 0;  // 0: not known
    int status = 0;
};

struct Run {
    End end = End::exited;
    int status = 0;                                      // of the exit, or the signal's number
    std::vector<fw::translate::ScriptCommand> commands;  // in the order they were asked for
    std::vector<int> statuses;                           // of each command, -1 if it did not end

    std::vector<Setting> settings;
    std::vector<Aside> modules;          // asked for
    std::vector<Aside> not_yet;          // of firewalls that are not understood
    std::vector<Aside> refused;          // would have left the machine, or stopped it
    std::vector<Aside> unknown;          // interfaces asked about that nobody described
    std::vector<std::string> addresses;  // "eth0:0 10.0.0.2/24", as they came to be
    std::vector<std::string> routes;     // "192.168.0.0/16 via 10.0.0.254 dev eth0"
    std::vector<std::string> files;      // written, changed, or (with a minus sign) removed
    bool output_cut = false;
    bool spoiled = false;  // the script damaged the record of its commands

    // Whether it did all that it wanted to, as far as anybody knows.
    [[nodiscard]] bool finished() const { return end == End::exited && status == 0 && !spoiled; }
};

// What the script says goes to standard error as it comes, up to a megabyte. Errors: the script
// can't be read, or this machine can't make a sandbox.
[[nodiscard]] fw::Result<Run> run_script(const RunRequest& request);

// For people: how it ended, if not well, and what else it did, a line each.
[[nodiscard]] std::string report_text(const Run& run);

// The settings as lines for /etc/sysctl.d, empty if there are none.
[[nodiscard]] std::string sysctl_text(const Run& run);

}  // namespace sandbox
