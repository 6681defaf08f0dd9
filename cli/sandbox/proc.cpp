#include "proc.h"

#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "fw/print.h"
#include "place.h"
#include "programs.h"

namespace sandbox {

namespace {

using Status = fw::Status;

const std::string real_proc = std::string(own_folder) + "/proc";
constexpr std::size_t longest_setting = 4096;

// Settings of Linux 2.2 that are gone; they read as they were when the machine started.
constexpr std::pair<const char*, const char*> gone[] = {
    {"ip_always_defrag", "0"},        {"ip_masq_debug", "0"},
    {"ip_masq_udp_dloose", "0"},      {"ip_bootp_agent", "0"},
    {"ip_bootp_relay", "0"},          {"tcp_max_ka_probes", "5"},
    {"icmp_destunreach_rate", "100"}, {"icmp_echoreply_rate", "0"},
    {"icmp_paramprob_rate", "100"},   {"icmp_timeexceed_rate", "100"},
    {"ipfrag_low_thresh", "196608"}};

void put_settings(const std::string& folder, const std::string& at, Settings& settings,
                  unsigned depth) {
    constexpr unsigned deepest = 8;
    for (const std::string& name : names_in(folder)) {
        const std::string path = folder + "/" + name;
        struct stat about {};
        if (stat(path.c_str(), &about) != 0 || depth == deepest) {
            continue;
        }
        if (S_ISDIR(about.st_mode)) {
            put_settings(path, at + "/" + name, settings, depth + 1);
        } else if ((about.st_mode & 0444) != 0 && name != "flush") {
            std::string value = contents(path, longest_setting);
            value.erase(value.find_last_not_of(" \t\n") + 1);
            settings.emplace_back(at + "/" + name, value);
        }
    }
}

// A folder of links to the real one's entries, to which more can be added.
Status mirror(const std::string& real, const std::string& at) {
    if (const Status made = make_folders(at); !made) {
        return made;
    }
    for (const std::string& name : names_in(real)) {
        (void)!symlink((real + "/" + name).c_str(), (at + "/" + name).c_str());
    }
    return fw::Done{};
}

// The packet filter's files in /proc/net, by which scripts tell kernels apart.
std::vector<std::pair<std::string, std::string>> filter_files(const std::string& kernel) {
    if (is_linux_2_0(kernel)) {
        return {{"ip_input", ""}, {"ip_output", ""}, {"ip_forward", ""}, {"ip_acct", ""}};
    }
    return {{"ip_fwchains", ""}, {"ip_fwnames", fw::print_proc_fwnames(fw::Ruleset::empty())}};
}

Status make_net(const std::string& kernel) {
    const std::string net = net_folder;
    if (const Status made = mirror("/proc/self/net", net); !made) {
        return made;
    }
    // Scripts tell by these that there are packet filters of a later kernel.
    for (const char* name :
         {"ip_tables_names", "ip_tables_matches", "ip_tables_targets", "ip6_tables_names",
          "ip6_tables_matches", "ip6_tables_targets", "arp_tables_names", "ip_conntrack",
          "nf_conntrack", "nf_conntrack_expect"}) {
        unlink((net + "/" + name).c_str());
    }
    std::vector<std::pair<std::string, std::string>> files = filter_files(kernel);
    const std::pair<const char*, const char*> of_masquerading[] = {
        {"ip_masquerade",
         "Prc FromIP   FPrt ToIP     TPrt Masq Init-seq  Delta PDelta Expires "
         "(free=4096,4096,4096)\n"},
        {"ip_masq/app", ""},
        {"ip_masq/autofw", ""},
        {"ip_masq/mfw", ""},
        {"ip_masq/portfw", ""}};
    files.insert(files.end(), std::begin(of_masquerading), std::end(of_masquerading));
    for (const auto& [name, text] : files) {
        if (const Status written = write_file(net + "/" + name, text); !written) {
            return written;
        }
    }
    // /proc/net leads to the folder of the process that asks: it gives way to another link.
    const std::string link = std::string(own_folder) + "/net-link";
    const bool linked = symlink(net_folder, link.c_str()) == 0;
    return linked ? bind(link, "/proc/net") : failed(link, "can't be made");
}

Status make_ipv4(const Inside& inside) {
    const std::string ipv4 = std::string(own_folder) + "/ipv4";
    const std::string real = real_proc + "/sys/net/ipv4";
    // No links: sysctl(8) does not follow them.
    for (const std::string& name : names_in(real)) {
        const std::string at = ipv4 + "/" + name;
        const Status made = is_folder(real + "/" + name) ? make_folders(at) : write_file(at, "");
        if (const Status bound = made ? bind(real + "/" + name, at) : made; !bound) {
            return bound;
        }
    }
    const auto add = [&ipv4](const std::string& name, const std::string& value) {
        const std::string path = ipv4 + "/" + name;
        return exists(path) ? Status(fw::Done{}) : write_file(path, value + "\n");
    };
    // What only the machine's own network has is set there, not here; a file will do.
    for (const auto& [name, value] : inside.settings) {
        const std::string file = name.substr(std::string_view("net/ipv4/").size());
        if (file.find('/') == file.npos) {
            (void)add(file, value).ok();
        }
    }
    for (const auto& [name, value] : gone) {
        if (const Status added = add(name, value); !added) {
            return added;
        }
    }
    return bind(ipv4, "/proc/sys/net/ipv4");
}

// What tells the kernel's version, and isn't uname.
Status make_version(const std::string& kernel) {
    const std::string folder = own_folder;
    const std::pair<std::string, std::string> files[] = {
        {"/proc/version", "Linux version " + kernel + " (root@localhost)\n"},
        {"/proc/sys/kernel/osrelease", kernel + "\n"}};
    for (const auto& [path, text] : files) {
        const std::string file = folder + path.substr(path.rfind('/'));
        const Status written = write_file(file, text);
        if (const Status bound = written ? bind(file, path) : written; !bound) {
            return bound;
        }
    }
    return fw::Done{};
}

Status mount_proc(const std::string& at) {
    const Status made = make_folders(at);
    if (!made) {
        return made;
    }
    const bool done =
        mount("proc", at.c_str(), "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, nullptr) == 0;
    return done ? Status(fw::Done{}) : failed(at, "no /proc of its own can be mounted");
}

}  // namespace

fw::Status make_proc(const Inside& inside) {
    for (const std::string& at : {std::string("/proc"), real_proc}) {
        if (const Status mounted = mount_proc(at); !mounted) {
            return mounted;
        }
    }
    if (make_folders("/sys").ok()) {
        // Where it is refused, the script finds nothing there.
        (void)!mount("sysfs", "/sys", "sysfs", MS_NOSUID | MS_NODEV | MS_NOEXEC | MS_RDONLY,
                     nullptr);
    }
    const Status net = make_net(inside.request->kernel);
    const Status ipv4 = net ? make_ipv4(inside) : net;
    return ipv4 ? make_version(inside.request->kernel) : ipv4;
}

std::string real_settings() { return real_proc + "/sys/net"; }

Settings read_machine_settings() {
    Settings settings;
    put_settings("/proc/sys/net/ipv4", "net/ipv4", settings, 0);
    return settings;
}

bool is_known(const std::string& setting, const Inside& inside) {
    const auto same = [&setting](const auto& other) { return other.first == setting; };
    return exists(real_proc + "/sys/" + setting) ||
           std::any_of(inside.settings.begin(), inside.settings.end(), same);
}

}  // namespace sandbox
