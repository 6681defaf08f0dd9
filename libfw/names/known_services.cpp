#include "names/known_services.h"

namespace fw {
namespace {

enum class On : std::uint8_t { tcp, udp, both };

struct Service {
    std::string_view name;
    std::uint16_t port;
    On on;
};

// Numbers of RFC 1700 and of the /etc/services of 1999.
constexpr Service services[] = {
    {"echo", 7, On::both},          {"discard", 9, On::both},       {"systat", 11, On::tcp},
    {"daytime", 13, On::both},      {"netstat", 15, On::tcp},       {"chargen", 19, On::both},
    {"ftp-data", 20, On::tcp},      {"ftp", 21, On::tcp},           {"ssh", 22, On::both},
    {"telnet", 23, On::tcp},        {"smtp", 25, On::tcp},          {"mail", 25, On::tcp},
    {"time", 37, On::both},         {"timserver", 37, On::both},    {"nameserver", 42, On::tcp},
    {"name", 42, On::udp},          {"whois", 43, On::tcp},         {"nicname", 43, On::tcp},
    {"domain", 53, On::both},       {"dns", 53, On::both},          {"bootps", 67, On::both},
    {"bootpc", 68, On::both},       {"tftp", 69, On::udp},          {"gopher", 70, On::both},
    {"finger", 79, On::tcp},        {"http", 80, On::both},         {"www", 80, On::both},
    {"link", 87, On::tcp},          {"kerberos", 88, On::both},     {"linuxconf", 98, On::tcp},
    {"hostnames", 101, On::tcp},    {"pop-2", 109, On::both},       {"pop2", 109, On::both},
    {"pop-3", 110, On::both},       {"pop3", 110, On::both},        {"sunrpc", 111, On::both},
    {"portmap", 111, On::both},     {"portmapper", 111, On::both},  {"auth", 113, On::tcp},
    {"ident", 113, On::tcp},        {"sftp", 115, On::tcp},         {"uucp-path", 117, On::tcp},
    {"nntp", 119, On::tcp},         {"ntp", 123, On::both},         {"netbios-ns", 137, On::both},
    {"netbios-dgm", 138, On::both}, {"netbios-ssn", 139, On::both}, {"imap", 143, On::both},
    {"imap2", 143, On::both},       {"snmp", 161, On::udp},         {"snmp-trap", 162, On::udp},
    {"snmptrap", 162, On::udp},     {"xdmcp", 177, On::both},       {"irc", 194, On::both},
    {"https", 443, On::both},       {"isakmp", 500, On::udp},       {"exec", 512, On::tcp},
    {"biff", 512, On::udp},         {"login", 513, On::tcp},        {"who", 513, On::udp},
    {"shell", 514, On::tcp},        {"syslog", 514, On::udp},       {"printer", 515, On::tcp},
    {"talk", 517, On::udp},         {"ntalk", 518, On::udp},        {"route", 520, On::udp},
    {"rip", 520, On::udp},          {"uucp", 540, On::tcp},         {"klogin", 543, On::tcp},
    {"kshell", 544, On::tcp},       {"rsync", 873, On::both},       {"swat", 901, On::tcp},
    {"imaps", 993, On::tcp},        {"pop3s", 995, On::tcp},        {"socks", 1080, On::both},
    {"nfs", 2049, On::both},        {"cvspserver", 2401, On::both}, {"squid", 3128, On::tcp},
    {"postgres", 5432, On::tcp},    {"x11", 6000, On::tcp},         {"ircd", 6667, On::tcp},
    {"webcache", 8080, On::both},
};

}  // namespace

std::optional<std::uint16_t> known_service(std::string_view name, std::string_view protocol) {
    const On wanted = protocol == "tcp" ? On::tcp : On::udp;
    for (const Service& service : services) {
        if (service.name == name && (service.on == wanted || service.on == On::both)) {
            return service.port;
        }
    }
    return std::nullopt;
}

}  // namespace fw
