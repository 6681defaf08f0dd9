// The command lines of ipmasqadm, ipportfw, ipautofw and ipfwd, and the modules ip_masq_*: what
// they ask for, told in a few words.
#include <algorithm>
#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "fw/masquerading_tools.h"
#include "parse_lines.h"
#include "print/text.h"

using namespace fw;

namespace {

// Hosts of the ipchains HOWTO: mail.virtual.net.au and others.
const FileNames& howto_names() {
    const std::string etc = FW_TEST_DATA "/etc/";
    static const FileNames names(etc + "hosts-howto", etc + "networks", etc + "services",
                                 etc + "protocols");
    return names;
}

std::string told(Address address) {
    std::string text;
    print::append_address(text, address);
    return text;
}

struct Teller {
    std::string operator()(const PortForward& port) const {
        return "port " + protocol(port.protocol) + " " + told(port.local) + ":" +
               std::to_string(port.local_port) + " > " + told(port.inner) + ":" +
               std::to_string(port.inner_port) + " x" + std::to_string(port.preference);
    }
    std::string operator()(const MarkForward& mark) const {
        return "mark " + std::to_string(mark.mark) + " > " + told(mark.inner) + ":" +
               std::to_string(mark.inner_port) + " x" + std::to_string(mark.preference);
    }
    std::string operator()(const RangeForward& range) const {
        std::string text = "range " + protocol(range.protocol) + " " +
                           std::to_string(range.ports.first) + "-" +
                           std::to_string(range.ports.last) + " > ";
        if (const auto* control = std::get_if<RangeForward::Control>(&range.inner)) {
            text += "control " + protocol(control->protocol) + " " + std::to_string(control->port) +
                    (control->timed ? " timed" : "");
        } else {
            text += told(*std::get_if<Address>(&range.inner));
        }
        return text + (range.any_peer ? " any peer" : "");
    }
    std::string operator()(const ProtocolForward& protocol) const {
        return "protocol " + std::to_string(protocol.protocol) + " > " + told(protocol.inner) +
               (protocol.masquerade ? " masq" : "");
    }
    std::string operator()(const Helper& helper) const {
        std::string text = "helper " + helper.name;
        for (const std::uint16_t port : helper.ports) {
            text += " " + std::to_string(port);
        }
        return text;
    }
    static std::string protocol(std::uint16_t number) {
        return std::string(print::common_protocol(number));
    }
};

std::string told(const Change& change) {
    if (const auto* add = std::get_if<AddForward>(&change)) {
        return (add->only_if_there ? "edit " : "add ") + std::visit(Teller{}, add->forward);
    }
    if (const auto* del = std::get_if<DeleteForwards>(&change)) {
        return "delete " + std::visit(Teller{}, del->like);
    }
    if (const auto* flush = std::get_if<FlushForwards>(&change)) {
        return "flush " + std::to_string(static_cast<int>(flush->kind));
    }
    if (const auto* replace = std::get_if<ReplaceForwards>(&change)) {
        std::string text = "replace " + std::visit(Teller{}, replace->like);
        for (const Forward& forward : replace->forwards) {
            text += "; " + std::visit(Teller{}, forward);
        }
        return text;
    }
    const auto* rotate = std::get_if<RotateForwards>(&change);
    return rotate == nullptr ? "no forward" : "rotate " + std::to_string(rotate->mark);
}

std::string told(const MasqueradingCommand& command) {
    if (const auto* list = std::get_if<ListForwards>(&command.action)) {
        return "list " + std::to_string(static_cast<int>(list->tool)) +
               (list->numeric ? " in numbers" : "");
    }
    if (const auto* help = std::get_if<MasqueradingHelp>(&command.action)) {
        return "help " + std::to_string(static_cast<int>(help->tool));
    }
    if (std::holds_alternative<Version>(command.action)) {
        return "version";
    }
    return told(*std::get_if<Change>(&command.action));
}

// A whole line, program and all.
Result<MasqueradingCommand> parse_tool(const std::string& line) {
    const std::vector<std::string> words = words_of(line);
    const auto rest = std::span(words).subspan(1);
    if (words[0] == "ipmasqadm") {
        return parse_ipmasqadm(rest, howto_names());
    }
    if (words[0] == "ipportfw") {
        return parse_ipportfw(rest, howto_names());
    }
    return words[0] == "ipautofw" ? parse_ipautofw(rest, howto_names())
                                  : parse_ipfwd(rest, howto_names());
}

}  // namespace

TEST_CASE("forwarding tools: command lines of old scripts") {
    const struct {
        const char* line;
        const char* meaning;
    } rows[] = {
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 192.168.1.2 8080",
         "add port tcp 203.0.113.1:80 > 192.168.1.2:8080 x10"},
        {"ipmasqadm portfw -a -P TCP -L 203.0.113.1 http -R mail.virtual.net.au smtp -p 1",
         "add port tcp 203.0.113.1:80 > 203.29.16.4:25 x1"},
        {"ipmasqadm portfw -aPudp -L203.0.113.1 domain -R 10.0.0.2 53 -p65535",
         "add port udp 203.0.113.1:53 > 10.0.0.2:53 x65535"},
        {"ipmasqadm portfw -p 3 -R 10.0.0.2 65535 -L 203.0.113.1 65535 -P udp -a",
         "add port udp 203.0.113.1:65535 > 10.0.0.2:65535 x3"},
        {"ipmasqadm portfw -d -P tcp -L 203.0.113.1 80",
         "delete port tcp 203.0.113.1:80 > 0.0.0.0:0 x10"},
        {"ipmasqadm portfw -d -P tcp -L 203.0.113.1 80 -R 10.0.0.2 81",
         "delete port tcp 203.0.113.1:80 > 10.0.0.2:81 x10"},
        {"ipmasqadm portfw -f", "flush 0"},
        {"ipmasqadm portfw -l", "list 1"},
        {"ipmasqadm portfw -l -n", "list 1 in numbers"},
        {"ipmasqadm portfw -nl", "list 1 in numbers"},
        {"ipmasqadm portfw -h", "help 1"},
        {"ipmasqadm -h", "help 0"},
        {"ipmasqadm --help", "help 0"},
        {"ipmasqadm -V", "version"},
        {"ipmasqadm portfw --version", "version"},
        {"ipmasqadm mfw -V", "version"},
        {"ipautofw -V", "version"},
        {"ipportfw -V", "version"},
        {"ipfwd --version", "version"},
        {"ipmasqadm mfw -A -m 1 -r 10.0.0.2 80 -p 20", "add mark 1 > 10.0.0.2:80 x20"},
        {"ipmasqadm mfw -A -m 0x10 -r 10.0.0.2", "add mark 16 > 10.0.0.2:0 x10"},
        {"ipmasqadm mfw -I -m 1 -r proxy.virtual.net.au www -p 10",
         "add mark 1 > 203.29.16.2:80 x10"},
        {"ipmasqadm mfw -E -m 1 -r 10.0.0.2 80 -p 5", "edit mark 1 > 10.0.0.2:80 x5"},
        {"ipmasqadm mfw -D -m 1", "delete mark 1 > 0.0.0.0:0 x10"},
        {"ipmasqadm mfw -D -m 1 -r 10.0.0.2", "delete mark 1 > 10.0.0.2:0 x10"},
        {"ipmasqadm mfw -D -m 1 -r 10.0.0.2 80", "delete mark 1 > 10.0.0.2:80 x10"},
        {"ipmasqadm mfw -S -m 4294967295", "rotate 4294967295"},
        {"ipmasqadm mfw -F", "flush 1"},
        {"ipmasqadm mfw -L -n", "list 2 in numbers"},
        {"ipmasqadm mfw -h", "help 2"},
        {"ipmasqadm autofw -A -r tcp 20 21 -h 192.168.1.2", "add range tcp 20-21 > 192.168.1.2"},
        {"ipmasqadm autofw -A -r tcp 60000 65535 -h 192.168.1.2 -u -i -v",
         "add range tcp 60000-65535 > 192.168.1.2"},
        {"ipmasqadm autofw -A -r udp 6970 7170 -c tcp 7070",
         "add range udp 6970-7170 > control tcp 7070 timed"},
        {"ipautofw -A -v -u -i -c tcp 7070 -r udp 6970 7170",
         "add range udp 6970-7170 > control tcp 7070 any peer"},
        {"ipautofw -Aui -rudp 5000 5000 -cudp 4000",
         "add range udp 5000-5000 > control udp 4000 any peer"},
        {"ipautofw -D -r udp 6970 7170", "delete range udp 6970-7170 > 0.0.0.0"},
        {"ipautofw -D -r udp 6970 7170 -c tcp 7070",
         "delete range udp 6970-7170 > control tcp 7070 timed"},
        {"ipautofw -F", "flush 2"},
        {"ipautofw -L", "list 5"},
        {"ipmasqadm autofw -l -n", "list 3 in numbers"},
        {"ipautofw -h", "help 5"},
        {"ipmasqadm autofw -h", "help 3"},
        {"ipportfw -A -t 203.0.113.1/80 -R 10.0.0.2/8080",
         "add port tcp 203.0.113.1:80 > 10.0.0.2:8080 x10"},
        {"ipportfw -A -t203.0.113.1/80 -R 10.0.0.2/80",
         "add port tcp 203.0.113.1:80 > 10.0.0.2:80 x10"},
        {"ipportfw -A -u 200.200.200.200/500 -R 10.0.0.2/500",
         "add port udp 200.200.200.200:500 > 10.0.0.2:500 x10"},
        {"ipportfw -A -u 203.0.113.1/60999 -R mail.virtual.net.au/domain",
         "add port udp 203.0.113.1:60999 > 203.29.16.4:53 x10"},
        {"ipportfw -D -t 203.0.113.1/80", "delete port tcp 203.0.113.1:80 > 0.0.0.0:0 x10"},
        {"ipportfw -C", "flush 0"},
        {"ipportfw -L", "list 4"},
        {"ipportfw -Ln", "list 4 in numbers"},
        {"ipportfw --help", "help 4"},
        {"ipfwd --masq 10.0.0.2 47", "add protocol 47 > 10.0.0.2 masq"},
        {"ipfwd 10.0.0.2 gre", "add protocol 47 > 10.0.0.2"},
        {"ipfwd mail.virtual.net.au 50 --masq", "add protocol 50 > 203.29.16.4 masq"},
        {"ipfwd --delete --masq 10.0.0.2 47", "delete protocol 47 > 10.0.0.2 masq"},
        {"ipfwd --list", "list 6"},
        {"ipfwd -h", "help 6"},
    };
    for (const auto& row : rows) {
        INFO(row.line);
        const Result<MasqueradingCommand> command = parse_tool(row.line);
        INFO((command ? "" : command.error().word + ": " + command.error().problem));
        REQUIRE(command);
        CHECK(told(*command) == row.meaning);
        CHECK_FALSE(command->state);
        CHECK_FALSE(command->dry_run);
        CHECK_FALSE(command->foreground);
    }
}

TEST_CASE("forwarding tools: our own options may stand anywhere") {
    for (const char* line :
         {"ipmasqadm --state /tmp/x portfw -l", "ipmasqadm portfw -l --state /tmp/x",
          "ipmasqadm --state=/tmp/x mfw -L", "ipportfw --state /tmp/x -L",
          "ipautofw -F --state=/tmp/x", "ipfwd --state /tmp/x 10.0.0.2 47"}) {
        INFO(line);
        const Result<MasqueradingCommand> command = parse_tool(line);
        REQUIRE(command);
        CHECK(command->state == "/tmp/x");
    }
    for (const char* line : {"ipmasqadm --dry-run portfw -f", "ipmasqadm mfw --dry-run -F",
                             "ipfwd --masq 10.0.0.2 47 --dry-run"}) {
        INFO(line);
        const Result<MasqueradingCommand> command = parse_tool(line);
        REQUIRE(command);
        CHECK(command->dry_run);
    }
    const Result<MasqueradingCommand> command = parse_tool("ipfwd --foreground 10.0.0.2 47");
    REQUIRE(command);
    CHECK(command->foreground);
}

TEST_CASE("forwarding tools: errors name the word") {
    const struct {
        const char* line;
        const char* word;
        const char* problem;
    } rows[] = {
        {"ipmasqadm", "", "nothing says"},
        {"ipmasqadm vs -l", "vs", "no such part"},
        {"ipmasqadm -x portfw -l", "-x", "no such option"},
        {"ipmasqadm portfw", "", "nothing says"},
        {"ipmasqadm portfw -P tcp -L 203.0.113.1 80", "", "nothing says"},
        {"ipmasqadm portfw -a -f", "-f", "does not go with -a"},
        {"ipmasqadm portfw -l -l", "-l", "twice"},
        {"ipmasqadm portfw -z", "-z", "no such option"},
        {"ipmasqadm portfw --list", "--list", "no such option"},
        {"ipmasqadm portfw -l more", "more", "belongs to no option"},
        {"ipmasqadm portfw -l --dry-run=1", "--dry-run=1", "no value"},
        {"ipmasqadm portfw -l --state", "--state", "missing behind"},
        {"ipmasqadm portfw -a -L 203.0.113.1 80 -R 10.0.0.2 80", "", "-P is missing"},
        {"ipmasqadm portfw -a -P tcp -R 10.0.0.2 80", "", "-L is missing"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80", "", "-R is missing"},
        {"ipmasqadm portfw -a -P icmp -L 203.0.113.1 80 -R 10.0.0.2 80", "icmp", "ports"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 -R 10.0.0.2 80", "-L", "missing behind"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 0 -R 10.0.0.2 80", "0", "no such port"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 65536 -R 10.0.0.2 80", "65536", "no such port"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 x80 -R 10.0.0.2 80", "x80", "tcp service"},
        {"ipmasqadm portfw -a -P udp -L 203.0.113.1 smtp -R 10.0.0.2 80", "smtp", "udp service"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1/24 80 -R 10.0.0.2 80", "203.0.113.1/24",
         "one host"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.256 80 -R 10.0.0.2 80", "203.0.113.256",
         "address"},
        {"ipmasqadm portfw -a -P tcp -L 0.0.0.0 80 -R 10.0.0.2 80", "0.0.0.0", "no host"},
        {"ipmasqadm portfw -a -P tcp -L nowhere 80 -R 10.0.0.2 80", "nowhere", "known here"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 80 -p 0", "0", "not a number"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 80 -p -5", "-5", "not a number"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1:80 -R 10.0.0.2 80", "203.0.113.1:80",
         "port stands apart"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 127.0.0.1 80", "127.0.0.1", "arrives"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R localhost 80", "localhost", "arrives"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 0.0.0.0 80", "0.0.0.0", "no host"},
        {"ipmasqadm portfw -l --dry-run", "--dry-run", "does not go"},
        {"ipmasqadm --dry-run mfw -L", "--dry-run", "does not go"},
        {"ipautofw -L --dry-run", "--dry-run", "does not go"},
        {"ipfwd --list --dry-run", "--dry-run", "does not go"},
        {"ipmasqadm mfw -A -m 0 -r 10.0.0.2", "0", "nothing marked"},
        {"ipmasqadm mfw -D -m 0x0", "0x0", "nothing marked"},
        {"ipmasqadm mfw -A -m -1 -r 10.0.0.2", "-1", "not a mark"},
        {"ipmasqadm mfw -A -m 1 -r 10.0.0.3:80", "10.0.0.3:80", "without a port"},
        {"ipmasqadm mfw -A -m 1 -r 127.1.2.3", "127.1.2.3", "arrives"},
        {"ipautofw -A -r udp 1 2 -h 127.0.0.1", "127.0.0.1", "arrives"},
        {"ipportfw -A -t 203.0.113.1/80 -R 127.0.0.1/80", "127.0.0.1", "arrives"},
        {"ipfwd 127.0.0.1 47", "127.0.0.1", "arrives"},
        {"ipmasqadm portfw -a -P tcp -L 203.0.113.1 80 -R 10.0.0.2 80 -p 65536", "65536",
         "not a number"},
        {"ipmasqadm mfw -A -r 10.0.0.2", "", "-m is missing"},
        {"ipmasqadm mfw -A -m 1", "", "-r is missing"},
        {"ipmasqadm mfw -A -m one -r 10.0.0.2", "one", "not a mark"},
        {"ipmasqadm mfw -A -m 4294967296 -r 10.0.0.2", "4294967296", "not a mark"},
        {"ipmasqadm mfw -S", "", "-m is missing"},
        {"ipmasqadm autofw -A -h 10.0.0.2", "", "-r is missing"},
        {"ipmasqadm autofw -A -r udp 6970 7170", "", "no inner host"},
        {"ipmasqadm autofw -A -r udp 7170 6970 -h 10.0.0.2", "6970", "less than"},
        {"ipmasqadm autofw -A -r udp 6970 -h 10.0.0.2", "-r", "missing behind"},
        {"ipautofw -A -r udp 6970 7170 -h 10.0.0.2 -c tcp 7070", "-c", "does not go with -h"},
        {"ipautofw -A -r gre 6970 7170 -h 10.0.0.2", "gre", "ports"},
        {"ipautofw -A -r udp 6970 7170 -c tcp", "-c", "missing behind"},
        {"ipportfw -A -R 10.0.0.2/80", "", "-t or -u is missing"},
        {"ipportfw -A -t 203.0.113.1/80", "", "-R is missing"},
        {"ipportfw -A -t 203.0.113.1 -R 10.0.0.2/80", "203.0.113.1", "port is missing"},
        {"ipportfw -A -t 203.0.113.1/61000 -R 10.0.0.2/80", "61000", "no such port"},
        {"ipportfw -A -t 203.0.113.1/80 -u 203.0.113.1/80 -R 10.0.0.2/80", "-u",
         "does not go with -t"},
        {"ipportfw -A -C", "-C", "does not go with -A"},
        {"ipfwd", "", "must follow"},
        {"ipfwd 10.0.0.2", "", "must follow"},
        {"ipfwd 10.0.0.2 47 48", "48", "too many"},
        {"ipfwd 10.0.0.2 0", "0", "not one protocol"},
        {"ipfwd 10.0.0.2 256", "256", "not one protocol"},
        {"ipfwd 10.0.0.2 no-such", "no-such", "no protocol"},
        {"ipfwd --list 10.0.0.2", "10.0.0.2", "too many"},
        {"ipfwd --foreground --list", "--foreground", "adding only"},
        {"ipfwd --quiet 10.0.0.2 47", "--quiet", "no such option"},
    };
    for (const auto& row : rows) {
        INFO(row.line);
        const Result<MasqueradingCommand> command = parse_tool(row.line);
        REQUIRE_FALSE(command);
        const Error& error = command.error();
        CHECK(error.word == row.word);
        INFO(error.problem);
        CHECK(error.problem.find(row.problem) != std::string::npos);
        CHECK_FALSE(error.remedy.empty());
        CHECK(error.remedy.find("-d 1") == std::string::npos);  // ipchains' option, not theirs
        // Quotes are backquotes, on both sides.
        CHECK(std::count(error.remedy.begin(), error.remedy.end(), '`') % 2 == 0);
        CHECK((error.code == Code::usage || error.code == Code::unresolved));
        if (error.position >= 0) {
            const std::vector<std::string> words = words_of(row.line);
            REQUIRE(static_cast<std::size_t>(error.position) + 1 < words.size());
            CHECK(words[static_cast<std::size_t>(error.position) + 1].find(error.word) !=
                  std::string::npos);
        }
    }
}

TEST_CASE("masquerading modules: which they are") {
    CHECK(is_masquerading_module("ip_masq_ftp"));
    CHECK(is_masquerading_module("/lib/modules/2.2.14/ipv4/ip_masq_ftp.o"));
    CHECK(is_masquerading_module("ip_masq_whatever"));
    CHECK_FALSE(is_masquerading_module("ftp"));
    CHECK_FALSE(is_masquerading_module("ip_masq"));
    CHECK_FALSE(is_masquerading_module("my_ip_masq_ftp"));
    CHECK_FALSE(is_masquerading_module("ip_masq_ftp/ne2k"));
    CHECK_FALSE(is_masquerading_module(""));
}

TEST_CASE("masquerading modules: what loading them asks for") {
    const struct {
        const char* line;
        const char* meaning;
    } rows[] = {
        {"ip_masq_ftp", "add helper ftp 21"},
        {"ftp", "add helper ftp 21"},
        {"/lib/modules/2.2.14/ipv4/ip_masq_ftp.o ports=21,2121", "add helper ftp 21 2121"},
        {"ip_masq_ftp.o.gz ports=0x15,21", "add helper ftp 21"},
        {"ip_masq_ftp in_ports=2021,8021", "add helper ftp 21 2021 8021"},
        {"ip_masq_ftp ports=2121 in_ports=2121,3 debug=1", "add helper ftp 2121 3"},
        {"ip_masq_ftp ports", "add helper ftp 21"},
        {"ip_masq_irc", "add helper irc 6667"},
        {"ip_masq_irc ports=6667,6668", "add helper irc 6667 6668"},
        {"ip_masq_pptp", "add helper pptp 1723"},
        {"ip_masq_h323", "add helper h323 1720"},
        {"ip_masq_raudio",
         "replace range udp 6970-7170 > control tcp 0 timed"
         "; range udp 6970-7170 > control tcp 7070 timed"
         "; range udp 6970-7170 > control tcp 554 timed"},
        {"ip_masq_raudio ports=554",
         "replace range udp 6970-7170 > control tcp 0 timed"
         "; range udp 6970-7170 > control tcp 554 timed"},
        {"ip_masq_ftp port=2121", "caution add helper ftp 21"},
        {"ip_masq_irc Ports=6668", "caution add helper irc 6667"},
        {"ip_masq_ftp in_port=2121", "caution add helper ftp 21"},
        {"ip_masq_ftp sports=2121", "caution add helper ftp 21"},
        {"ip_masq_portfw", ""},
        {"ip_masq_autofw", ""},
        {"ip_masq_mfw", ""},
        {"ip_masq_user", ""},
        {"ip_masq_quake", ""},
        {"ip_masq_cuseeme ports=7648", "caution "},
        {"ip_masq_vdolive", "caution "},
        {"ip_masq_ipsec", "caution "},
    };
    for (const auto& row : rows) {
        INFO(row.line);
        const std::vector<std::string> words = words_of(row.line);
        const Result<ModuleRequest> request =
            load_masquerading_module(words[0], std::span(words).subspan(1));
        REQUIRE(request);
        std::string meaning = request->cautions.empty() ? "" : "caution ";
        meaning += request->change ? told(*request->change) : "";
        CHECK(meaning == row.meaning);
        CHECK(request->names_ports ==
              (request->change && std::string(row.line).find("ports=") != std::string::npos &&
               std::string(row.line).find("sports=") == std::string::npos));
    }
}

TEST_CASE("masquerading modules: what removing them asks for") {
    const struct {
        const char* module;
        const char* meaning;
    } rows[] = {{"ip_masq_ftp", "delete helper ftp"},
                {"h323", "delete helper h323"},
                {"ip_masq_raudio", "delete range udp 6970-7170 > control tcp 0 timed"},
                {"ip_masq_quake", ""}};
    for (const auto& row : rows) {
        INFO(row.module);
        const Result<ModuleRequest> request = remove_masquerading_module(row.module);
        REQUIRE(request);
        CHECK((request->change ? told(*request->change) : "") == row.meaning);
        CHECK(request->cautions.empty());
    }
}

TEST_CASE("masquerading modules: which are loaded, and that they go, whatever their ports") {
    Ruleset ruleset = Ruleset::empty();
    const auto load = [&](const char* module, std::vector<std::string> parameters) {
        const Result<ModuleRequest> request = load_masquerading_module(module, parameters);
        REQUIRE(request);
        REQUIRE(apply(ruleset, *request->change));
    };
    const Result<MasqueradingCommand> games =
        parse_tool("ipautofw -A -r udp 6970 7170 -c tcp 7070 -i");
    REQUIRE(games);
    REQUIRE(apply(ruleset, *std::get_if<Change>(&games->action)));
    CHECK(loaded_masquerading_modules(ruleset).empty());

    const Result<MasqueradingCommand> untimed =
        parse_tool("ipautofw -A -r udp 6970 7170 -c tcp 9999 -u");
    REQUIRE(untimed);
    REQUIRE(apply(ruleset, *std::get_if<Change>(&untimed->action)));
    CHECK(loaded_masquerading_modules(ruleset) == std::vector<std::string>{"raudio"});
    REQUIRE(fw::apply(ruleset, *remove_masquerading_module("raudio")->change));

    load("ip_masq_ftp", {});
    load("raudio", {"ports=554,7070,7071"});
    CHECK(ruleset.forwards.size() == 5);
    load("ip_masq_raudio", {"ports=7071,8554"});
    CHECK(ruleset.forwards.size() == 4);
    CHECK(loaded_masquerading_modules(ruleset) == std::vector<std::string>{"raudio", "ftp"});

    const Result<ModuleRequest> removal = remove_masquerading_module("raudio");
    REQUIRE(removal);
    REQUIRE(apply(ruleset, *removal->change));
    CHECK(loaded_masquerading_modules(ruleset) == std::vector<std::string>{"ftp"});
    CHECK(ruleset.forwards.size() == 2);
    CHECK_FALSE(apply(ruleset, *removal->change));
}

TEST_CASE("masquerading modules: names and ports that there are not") {
    for (const char* line : {"ip_masq_nothing", "''", "ip_masq_ftp ports=0", "ip_masq_ftp ports=x",
                             "ip_masq_ftp ports=65536", "ip_masq_ftp ports=21,,22",
                             "ip_masq_ftp ports=1,2,3,4,5,6,7,8,9,10,11,12,13"}) {
        INFO(line);
        const std::vector<std::string> words = words_of(line);
        const Result<ModuleRequest> request =
            load_masquerading_module(words[0], std::span(words).subspan(1));
        REQUIRE_FALSE(request);
        CHECK_FALSE(request.error().remedy.empty());
    }
    const Result<ModuleRequest> removal = remove_masquerading_module("ip_masq_nothing");
    REQUIRE_FALSE(removal);
    for (const char* name : {"ftp", "irc", "raudio", "pptp", "h323", "ipsec", "quake", "cuseeme",
                             "vdolive", "user", "portfw", "autofw", "mfw"}) {
        INFO(name);
        CHECK(removal.error().remedy.find(name) != std::string::npos);
        CHECK(load_masquerading_module(name, {}));
    }
}
