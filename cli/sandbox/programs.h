// The programs that scripts find in the sandbox in place of the machine's, and where things are in
// there. Known to who builds the sandbox and to the recorder, which all these names lead to.
#pragma once

#include <string_view>

namespace sandbox {

enum class Kind {
    ours,       // carried out on the state in the sandbox
    not_yet,    // firewalls that are not understood: refused
    module,     // modprobe and the like: those of masquerading are ours, the others only noted
    interface,  // ifconfig, which answers in the form of 1999
    route,      // likewise
    network,    // would speak to other machines: refused
    machine,    // would stop the machine or change how it starts: refused
    quiet,      // mail and logs: swallowed
    sleep,      // takes no time
    uname,      // names the kernel that the script was written for
    shell,      // sh is bash, as it was then
};

struct Program {
    std::string_view name;
    Kind kind;
};

inline constexpr Program programs[] = {
    {"ipchains", Kind::ours},
    {"ipchains-save", Kind::ours},
    {"ipchains-restore", Kind::ours},
    {"ipmasqadm", Kind::ours},
    {"ipportfw", Kind::ours},
    {"ipautofw", Kind::ours},
    {"ipfwd", Kind::ours},
    {"ipfwadm", Kind::ours},
    {"ipfwadm-wrapper", Kind::ours},
    {"ipfwadm-save", Kind::ours},
    {"iptables", Kind::not_yet},
    {"iptables-save", Kind::not_yet},
    {"iptables-restore", Kind::not_yet},
    {"iptables-legacy", Kind::not_yet},
    {"iptables-legacy-save", Kind::not_yet},
    {"iptables-legacy-restore", Kind::not_yet},
    {"iptables-nft", Kind::not_yet},
    {"iptables-nft-save", Kind::not_yet},
    {"iptables-nft-restore", Kind::not_yet},
    {"xtables-nft-multi", Kind::not_yet},
    {"xtables-legacy-multi", Kind::not_yet},
    {"ip6tables", Kind::not_yet},
    {"ip6tables-save", Kind::not_yet},
    {"ip6tables-restore", Kind::not_yet},
    {"ip6tables-legacy", Kind::not_yet},
    {"ip6tables-nft", Kind::not_yet},
    {"ebtables", Kind::not_yet},
    {"arptables", Kind::not_yet},
    {"ipset", Kind::not_yet},
    {"nft", Kind::not_yet},
    {"firewall-cmd", Kind::not_yet},
    {"ufw", Kind::not_yet},
    {"modprobe", Kind::module},
    {"insmod", Kind::module},
    {"rmmod", Kind::module},
    {"depmod", Kind::module},
    {"lsmod", Kind::module},
    {"ifconfig", Kind::interface},
    {"route", Kind::route},
    {"ping", Kind::network},
    {"traceroute", Kind::network},
    {"wget", Kind::network},
    {"curl", Kind::network},
    {"lynx", Kind::network},
    {"ftp", Kind::network},
    {"telnet", Kind::network},
    {"nc", Kind::network},
    {"netcat", Kind::network},
    {"ssh", Kind::network},
    {"scp", Kind::network},
    {"rsh", Kind::network},
    {"host", Kind::network},
    {"dig", Kind::network},
    {"nslookup", Kind::network},
    {"ntpdate", Kind::network},
    {"rdate", Kind::network},
    {"pppd", Kind::network},
    {"dhclient", Kind::network},
    {"dhcpcd", Kind::network},
    {"pump", Kind::network},
    {"reboot", Kind::machine},
    {"halt", Kind::machine},
    {"poweroff", Kind::machine},
    {"shutdown", Kind::machine},
    {"telinit", Kind::machine},
    {"init", Kind::machine},
    {"systemctl", Kind::machine},
    {"service", Kind::machine},
    {"chkconfig", Kind::machine},
    {"update-rc.d", Kind::machine},
    {"mount", Kind::machine},
    {"umount", Kind::machine},
    {"swapoff", Kind::machine},
    {"logger", Kind::quiet},
    {"mail", Kind::quiet},
    {"mailx", Kind::quiet},
    {"sendmail", Kind::quiet},
    {"wall", Kind::quiet},
    {"sleep", Kind::sleep},
    {"uname", Kind::uname},
    {"sh", Kind::shell},
};

// Linux 2.0 had no ipchains: scripts that ask for both programs take ipfwadm there. `version` is
// what uname -r says.
[[nodiscard]] constexpr bool is_linux_2_0(std::string_view version) {
    return version == "2.0" || version.starts_with("2.0.");
}
[[nodiscard]] constexpr bool is_missing(std::string_view program, std::string_view version) {
    return is_linux_2_0(version) && program.starts_with("ipchains");
}

// The folders that programs are looked for in; each is as in the machine, with these in front.
inline constexpr std::string_view program_folders[] = {"usr/sbin",      "usr/bin", "usr/local/sbin",
                                                       "usr/local/bin", "sbin",    "bin"};

inline constexpr const char* search_path =
    "/sbin:/usr/sbin:/bin:/usr/bin:/usr/local/sbin:/usr/local/bin";

// In the sandbox, all that is ours is here.
inline constexpr const char* own_folder = "/.fw-translate";
inline constexpr const char* machine_folder = "/.fw-translate/machine";  // its /, read only
inline constexpr const char* tool_folder = "/.fw-translate/bin";         // our programs, read only
inline constexpr const char* net_folder = "/.fw-translate/net";          // is /proc/net
inline constexpr const char* state_folder = "/.fw-translate/state";
inline constexpr const char* state_file = "/.fw-translate/state/rules";  // of our programs
inline constexpr const char* ipfwadm_file = "/.fw-translate/state/rules-of-ipfwadm";
inline constexpr const char* record_file = "/.fw-translate/state/record";  // of what was asked
inline constexpr const char* shell_file = "/.fw-translate/bin/bash-starts-with";

// The folders that a script can write to. Those that look for programs in /sbin put some there.
inline constexpr const char* own_folders[] = {"/tmp",
                                              "/run",
                                              "/root",
                                              "/etc",
                                              "/dev",
                                              "/proc",
                                              "/usr/sbin",
                                              "/usr/bin",
                                              "/usr/local/sbin",
                                              "/usr/local/bin",
                                              "/sbin",
                                              "/bin",
                                              "/var/tmp",
                                              "/var/run",
                                              "/var/lock",
                                              "/var/log",
                                              "/.fw-translate/state",
                                              "/.fw-translate/net",
                                              "/.fw-translate/ipv4",
                                              "/.fw-translate/proc"};

// The environment that carries from the shell to the recorder where in the script a command is.
inline constexpr const char* line_variable = "FW_LINE";
inline constexpr const char* file_variable = "FW_FILE";
inline constexpr const char* kernel_variable = "FW_KERNEL";  // what uname -r says

}  // namespace sandbox
