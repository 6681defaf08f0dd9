#include "etc.h"

#include <unistd.h>

#include "address_text.h"
#include "place.h"

namespace sandbox {

namespace {

using Status = fw::Status;

// What start scripts took from /etc/rc.d/init.d/functions, in the few words that a firewall needs.
constexpr const char* start_functions = R"(PATH=/sbin:/usr/sbin:/bin:/usr/bin
success() { echo -n "  OK"; return 0; }
failure() { echo -n "  FAILED"; return 1; }
passed() { echo -n "  PASSED"; return 0; }
echo_success() { success; }
echo_failure() { failure; }
echo_passed() { passed; }
action() {
    echo -n "$1 "
    shift
    if "$@"; then success; else failure; fi
    set -- $?
    echo
    return $1
}
daemon() { return 0; }
killproc() { return 0; }
status() { return 0; }
pidofproc() { return 1; }
checkpid() { return 1; }
)";

std::string interface_file(const Interface& interface) {
    const std::uint32_t mask = mask_of(interface.prefix);
    const std::uint32_t network = interface.address.value & mask;
    return "DEVICE=" + interface.name + "\nIPADDR=" + address_text(interface.address.value) +
           "\nNETMASK=" + address_text(mask) + "\nNETWORK=" + address_text(network) +
           "\nBROADCAST=" + address_text(network | ~mask) + "\nONBOOT=yes\nBOOTPROTO=none\n";
}

Status add(const std::string& path, const std::string& text) {
    return exists(path) ? Status(fw::Done{}) : write_file(path, text, 0755);
}

Status add_old_files(const Inside& inside, const std::string& etc) {
    std::string network = "NETWORKING=yes\nFORWARD_IPV4=yes\nHOSTNAME=localhost\n";
    if (inside.request->gateway) {
        network += "GATEWAY=" + address_text(inside.request->gateway->value) + "\n";
    }
    for (const auto& [name, text] :
         {std::pair<std::string, std::string>{"/rc.d/init.d/functions", start_functions},
          {"/init.d/functions", start_functions},
          {"/sysconfig/network", network}}) {
        if (const Status added = add(etc + name, text); !added) {
            return added;
        }
    }
    for (const Interface& interface : inside.request->interfaces) {
        const std::string path = etc + "/sysconfig/network-scripts/ifcfg-" + interface.name;
        if (const Status added = add(path, interface_file(interface)); !added) {
            return added;
        }
    }
    return fw::Done{};
}

// Names come from files alone: nobody answers in here. /etc/resolv.conf stays what it is outside,
// for scripts that let its servers in.
Status add_names(const Inside& inside, const std::string& etc) {
    const std::string servers = contents("/etc/resolv.conf", 65536);
    for (const auto& [name, text] :
         {std::pair<std::string, std::string>{"/hosts", inside.hosts},
          {"/resolv.conf", servers},
          {"/nsswitch.conf",
           "passwd: files\ngroup: files\nhosts: files\nnetworks: files\nservices: files\n"
           "protocols: files\n"}}) {
        unlink((etc + name).c_str());  // a link would lead out of here
        if (const Status written = write_file(etc + name, text); !written) {
            return written;
        }
    }
    return fw::Done{};
}

}  // namespace

fw::Status make_etc(const Inside& inside, const std::string& machine, const std::string& root) {
    std::size_t room = 32U << 20;
    const std::string etc = root + "/etc";
    copy_tree(machine + "/etc", etc, room);
    if (const Status names = add_names(inside, etc); !names) {
        return names;
    }
    if (!inside.etc.empty()) {
        copy_tree(machine + inside.etc, etc, room);
    }
    const bool given = !inside.request->hosts.empty();
    const Status hosts = given ? write_file(etc + "/hosts", inside.hosts) : fw::Done{};
    return hosts ? add_old_files(inside, etc) : hosts;
}

}  // namespace sandbox
