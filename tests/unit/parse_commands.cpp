// Command lines that are right, and what they mean.
#include <catch2/catch.hpp>

#include "parse_lines.h"

namespace {

using namespace fw;

Command good(std::string_view line, Surroundings surroundings = {}) {
    INFO(line);
    auto parsed = parse_line(line, surroundings);
    INFO((parsed ? "" : parsed.error().word + ": " + parsed.error().problem));
    REQUIRE(parsed.ok());
    return *std::move(parsed);
}

template <typename T>
T change(std::string_view line) {
    const Command command = good(line);
    const auto* found = std::get_if<Change>(&command.action);
    REQUIRE(found != nullptr);
    REQUIRE(std::holds_alternative<T>(*found));
    return std::get<T>(*found);
}

template <typename T>
T action(std::string_view line) {
    const Command command = good(line);
    REQUIRE(std::holds_alternative<T>(command.action));
    return std::get<T>(command.action);
}

// The one rule that `-A input` and the words stand for.
Rule rule(const std::string& words) {
    const auto append = change<Append>("-A input " + words);
    REQUIRE(append.rules.size() == 1);
    return append.rules[0];
}

AddressMatch address(std::uint32_t value, std::uint32_t mask, bool inverted = false) {
    return {{value}, {mask}, inverted};
}

PortMatch ports(std::uint16_t first, std::uint16_t last, bool inverted = false) {
    return {{{first, last}}, inverted};
}

}  // namespace

TEST_CASE("commands take their chain, number and policy") {
    CHECK(change<Append>("-A input").chain == "input");
    CHECK(change<Append>("--append=foo").chain == "foo");
    CHECK(change<Insert>("-I foo").position == 1);
    CHECK(change<Insert>("-I foo 3 -j DENY").position == 3);
    CHECK(change<Replace>("-R foo 2 -j DENY").position == 2);
    CHECK(change<DeleteAt>("-D foo 02").position == 2);
    CHECK(change<DeleteAt>("-D foo 99999999999").position == 2147483647);
    CHECK(change<DeleteMatching>("-D foo -j DENY").rules.size() == 1);
    CHECK_FALSE(change<Flush>("-F").chain.has_value());
    CHECK(change<Flush>("-Ffoo").chain == "foo");
    CHECK(change<Zero>("-Z foo -v").chain == "foo");
    CHECK(change<NewChain>("-N !").chain == "!");
    CHECK(change<NewChain>("-N abcdefghijabcdefghijabcdefghija").chain.size() == 31);
    CHECK(change<DeleteChain>("-X foo").chain == "foo");
    CHECK(change<SetPolicy>("-P forward MASQ").policy == Policy::masquerade);
    CHECK(change<SetPolicy>("-Pinput REJECT").policy == Policy::reject);
}

TEST_CASE("questions and the rest") {
    CHECK_FALSE(action<List>("-L").chain.has_value());
    CHECK(action<List>("-LZ").chain == "Z");
    CHECK(action<List>("-L -Z").zero);
    CHECK(action<List>("-Z -L -n").zero);
    CHECK(std::holds_alternative<ListMasquerading>(good("-M -L -n").action));
    const auto timeouts = action<SetTimeouts>("-S 7200 10 0");
    CHECK(timeouts.tcp == 7200);
    CHECK(timeouts.tcp_fin == 10);
    CHECK(timeouts.udp == 0);
    CHECK(action<SetTimeouts>("-M -S 2147483648 1 1").tcp == 2147483647);
    CHECK_FALSE(action<Help>("-h").icmp);
    CHECK(action<Help>("-h icmp").icmp);
    CHECK(action<Help>("--help=icmp").icmp);
    CHECK_FALSE(action<Help>("-A input -n --h").icmp);
    CHECK_NOTHROW(action<Version>("-V"));
    CHECK_NOTHROW(action<Version>("--version"));
}

TEST_CASE("options cluster, stick to their values and shorten") {
    const Command list = good("-nvxL --line");
    CHECK((list.show.numeric && list.show.verbose && list.show.exact && list.show.line_numbers));
    CHECK(std::get<Jump>(rule("-jfoo").target).chain == "foo");
    CHECK(std::get<Jump>(rule("--j foo").target).chain == "foo");
    const Rule clustered = rule("-lfpudp -d 10.0.0.1");
    CHECK(clustered.log);
    CHECK(clustered.fragment == Flag::set);
    CHECK(clustered.protocol.number == protocol_udp);
}

TEST_CASE("protocols by number and by name in any case") {
    for (const char* tcp : {"tcp", "TCP", "6", "006", "+6"}) {
        CHECK(rule(std::string("-p ") + tcp).protocol == ProtocolMatch{6, false});
    }
    CHECK(rule("-p all").protocol == ProtocolMatch{});
    CHECK(rule("-p ip").protocol == ProtocolMatch{});
    CHECK(rule("-p GRE").protocol == ProtocolMatch{47, false});
    CHECK(rule("-p 300").protocol == ProtocolMatch{300, false});
    CHECK(rule("! -p udp").protocol == ProtocolMatch{17, true});
    CHECK(rule("-p ! udp").protocol == ProtocolMatch{17, true});
}

TEST_CASE("addresses by number, network and host, with masks of every kind") {
    CHECK(rule("-s 1.2.3.4").source == address(0x01020304, 0xffffffff));
    CHECK(rule("-s 010.2.3.4").source == address(0x0a020304, 0xffffffff));
    CHECK(rule("-s 1.2.3.4/8").source == address(0x01000000, 0xff000000));
    CHECK(rule("-s 1.2.3.4/255.0.255.0").source == address(0x01000300, 0xff00ff00));
    CHECK(rule("-s 1.2.3.4/0").source == AddressMatch{});
    CHECK(rule("-s no.such.host/0").source == AddressMatch{});
    CHECK(rule("-d ! 0/0").destination == address(0, 0, true));
    CHECK(rule("-d localhost").destination == address(0x7f000001, 0xffffffff));
    CHECK(rule("-d LOCALHOST/8").destination == address(0x7f000000, 0xff000000));
    CHECK(rule("-d loopback/8").destination == address(0x7f000000, 0xff000000));
    CHECK(rule("-s 127.1").source == address(0x7f000001, 0xffffffff));
    CHECK(rule("-s 3232235777").source == address(0xc0a80101, 0xffffffff));
    CHECK(rule("-s 1.2.3").source == address(0x01020003, 0xffffffff));
    CHECK(rule("--src 1.2.3.4 --dst ! 5.6.7.8").destination ==
          address(0x05060708, 0xffffffff, true));
}

TEST_CASE("ports by number, name and range, behind addresses or apart") {
    CHECK(rule("-p tcp -s 0/0 www").source_ports == ports(80, 80));
    CHECK(rule("-p tcp -d 0/0 http:https").destination_ports == ports(80, 443));
    CHECK(rule("-p tcp --sport 1024:").source_ports == ports(1024, 65535));
    CHECK(rule("-p tcp --sport :1023").source_ports == ports(0, 1023));
    CHECK(rule("-p tcp --sport 90:80").source_ports == ports(90, 80));
    CHECK(rule("-p tcp --sport 0:65535").source_ports == PortMatch{});
    CHECK(rule("-p 300 --sport :").source_ports == PortMatch{});
    CHECK(rule("-p tcp --dport ! 0:65535").destination_ports == PortMatch{{}, true});
    CHECK(rule("-p tcp -s ! 1.2.3.4 ! 80").source_ports == ports(80, 80, true));
    CHECK(rule("--dport 53 -p udp").destination_ports == ports(53, 53));
    // The ! behind an address is the next option's when an option follows.
    const Rule not_syn = rule("-p tcp -s 1.2.3.4 ! -y");
    CHECK(not_syn.source_ports == PortMatch{});
    CHECK(not_syn.syn == Flag::clear);
}

TEST_CASE("ICMP types by number, name and abbreviation") {
    const Rule ping = rule("-p icmp --icmp-type PIN");
    CHECK(ping.source_ports == ports(8, 8));
    CHECK(ping.destination_ports == PortMatch{});
    const Rule host = rule("-p icmp -s 0/0 host-unr");
    CHECK(host.source_ports == ports(3, 3));
    CHECK(host.destination_ports == ports(1, 1));
    const Rule redirect = rule("-p icmp -s 0/0 redirect");
    CHECK(redirect.source_ports == ports(5, 5));
    CHECK(redirect.destination_ports == PortMatch{});
    const Rule numbers = rule("-p icmp -s 0/0 3 -d 0/0 0:1");
    CHECK(numbers.source_ports == ports(3, 3));
    CHECK(numbers.destination_ports == ports(0, 1));
}

TEST_CASE("interfaces and their wildcard") {
    CHECK(rule("-i eth0").interface == InterfaceMatch{"eth0", false, false, {}});
    CHECK(rule("-i ! ppp+").interface == InterfaceMatch{"ppp", true, true, {}});
    CHECK(rule("-i +").interface == InterfaceMatch{});
    CHECK(rule("-i ''").interface == InterfaceMatch{});
    CHECK(rule("-i ++").interface == InterfaceMatch{"+", true, false, {}});
    CHECK(rule("-i 123456789012345+").interface.name.size() == 15);
}

TEST_CASE("marks, absolute and relative, in bases 8, 10 and 16") {
    CHECK(rule("-m 5").mark == Mark{5, false});
    CHECK(rule("-m 0").mark == Mark{0, false});
    CHECK(rule("-m 010").mark == Mark{8, false});
    CHECK(rule("-m 0X1F").mark == Mark{31, false});
    CHECK(rule("-m +5").mark == Mark{5, true});
    CHECK(rule("-m -1").mark == Mark{0xffffffff, true});
    CHECK(rule("-m -+5").mark == Mark{0xfffffffb, true});
    CHECK_FALSE(rule("-m +0").mark.has_value());
    CHECK(rule("-m 4294967296").mark == Mark{0xffffffff, false});
}

TEST_CASE("effects, flags and targets") {
    CHECK(rule("-o").copy == 65535);
    CHECK(rule("-o 0").copy == 0);
    CHECK(rule("-o100").copy == 100);
    CHECK(rule("-t 0x01 10").tos == Tos{0x01, 0x10});
    CHECK(rule("-t ff 00").tos.none());
    CHECK(rule("-f").fragment == Flag::set);
    CHECK(rule("! -f").fragment == Flag::clear);
    CHECK(rule("-p tcp -y").syn == Flag::set);
    CHECK(rule("-l").log);
    CHECK(rule("").target == Target(None{}));
    CHECK(rule("-j DENY").target == Target(Deny{}));
    CHECK(rule("-j RETURN").target == Target(Return{}));
    CHECK(rule("-j deny").target == Target(Jump{"deny"}));
    CHECK(rule("-p tcp -j REDIRECT").target == Target(Redirect{0}));
    CHECK(rule("-p udp -j REDIRECT domain").target == Target(Redirect{53}));
}

TEST_CASE("option -b adds the way back behind each rule") {
    const auto append =
        change<Append>("-A input -b -p tcp -s 1.1.1.1 10 -d ! 2.2.2.2 20 -j ACCEPT");
    REQUIRE(append.rules.size() == 2);
    CHECK(append.rules[1] == reversed(append.rules[0]));
    CHECK(append.rules[1].source == address(0x02020202, 0xffffffff, true));
    CHECK(append.rules[1].source_ports == ports(20, 20));
}

TEST_CASE("a check describes whole packets") {
    const auto tcp = action<Check>("-C input -p tcp -s 1.1.1.1 5 -d 2.2.2.2 6 -i eth0 -b");
    REQUIRE(tcp.packets.size() == 2);
    CHECK(tcp.packets[0].source == Address{0x01010101});
    CHECK(tcp.packets[0].source_port == 5);
    CHECK(tcp.packets[0].destination_port == 6);
    CHECK(tcp.packets[0].interface == "eth0");
    CHECK((tcp.packets[0].tcp_flags & 2) == 0);
    CHECK(tcp.packets[1].source_port == 6);
    CHECK(action<Check>("-C input -p tcp -y -s 1.1.1.1 5 -d 2.2.2.2 6 -i eth0")
              .packets[0]
              .tcp_flags == 2);
    const auto ping = action<Check>("-C input -p icmp -s 1.1.1.1 ping -d 2.2.2.2 -i eth0");
    CHECK(ping.packets[0].source_port == 8);
    CHECK(ping.packets[0].destination_port == 0);
    const auto fragment = action<Check>("-C input -p tcp -f -s 1.1.1.1 -d 2.2.2.2 -i eth0");
    CHECK(fragment.packets[0].fragment_offset > 1);
}

TEST_CASE("names with several addresses make one rule for each pair") {
    const FileNames names(FW_TEST_DATA "/etc/hosts-many", FW_TEST_DATA "/etc/networks",
                          FW_TEST_DATA "/etc/services", FW_TEST_DATA "/etc/protocols");
    const auto parse = [&](std::string_view line) {
        return fw::parse_ipchains(words_of(line), names);
    };
    const auto both = parse("-A input -s two.example -d three.example -j DENY");
    REQUIRE(both.ok());
    const auto& append = std::get<Append>(std::get<Change>(both->action));
    REQUIRE(append.rules.size() == 6);
    CHECK(append.rules[0].destination != append.rules[1].destination);
    CHECK(append.rules[0].source == append.rules[2].source);
    CHECK(append.rules[0].source != append.rules[3].source);
    CHECK(parse("-D input -s two.example").ok());
    CHECK(parse("-A input -s two.example/24").ok());
    CHECK_FALSE(parse("-A input -b -s two.example").ok());
    CHECK_FALSE(parse("-R input 1 -d three.example").ok());
    const auto inverted = parse("-A input -s ! two.example");
    REQUIRE(inverted.ok());
    CHECK(inverted->notices.size() == 1);
}

TEST_CASE("what can only be a slip draws a caution, unless warnings are off") {
    const std::pair<const char*, const char*> likely[] = {
        {"-A input -i eth0:1", "alias"},
        {"-A input -i !eth0", "space behind the !"},
    };
    for (const auto& [line, caution] : likely) {
        const Command command = good(line);
        REQUIRE(command.cautions.size() == 1);
        CHECK_THAT(command.cautions[0], Catch::Contains(caution));
        CHECK(command.notices.empty());
        CHECK(good(std::string(line) + " --no-warnings").cautions.empty());
    }
    CHECK(good("-A input -s 10.0.0.0/8 -d 0/0 -i eth+ -p tcp --dport 80:90").cautions.empty());
}

TEST_CASE("legal lines that are likely mistakes draw a notice, unless warnings are off") {
    const std::pair<const char*, const char*> likely[] = {
        {"-A input -i ppp*", "+ is the wildcard"},
        {"-A input -s 192.168.1/24", "192.168.0.1"},
        {"-A input -p tcp --dport 90:80", "upside down"},
        {"-A input -m 4294967296", "4294967295"},
        {"-C input -p 47 -s 10.0.0.0/8 -d 1.1.1.1 -i eth0", "one packet"},
    };
    for (const auto& [line, notice] : likely) {
        const Command command = good(line);
        REQUIRE(command.notices.size() == 1);
        CHECK_THAT(command.notices[0], Catch::StartsWith("Warning: ") && Catch::Contains(notice));
        CHECK(command.cautions.empty());
        CHECK(good(std::string(line) + " --no-warnings").notices.empty());
    }
    CHECK(good("-A input -s 10.0.0.0/8 -d 0/0 -i eth+ -p tcp --dport 80:90").notices.empty());
}

TEST_CASE("the original's warnings are notices") {
    CHECK(good("-A input -t ff 02").notices.size() == 1);
    CHECK(good("-A input -t 09 04").notices.size() == 1);
    CHECK(good("-A input -t 01 10").notices.empty());
    CHECK(good("-A input -t ff 10").notices.empty());
    CHECK(good("-A input -t ff 02 --no-warnings").notices.empty());
    const Surroundings off{true};
    CHECK(good("-A forward -j MASQ", off).notices.size() == 1);
    CHECK(good("-I forward -j MASQ", off).notices.size() == 1);
    CHECK(good("-A forward -j MASQ --no-warnings", off).notices.empty());
    CHECK(good("-A input -j ACCEPT", off).notices.empty());
    CHECK(good("-A forward -j MASQ").notices.empty());
    for (const std::string& notice : good("-A forward -t ff 02", off).notices) {
        CHECK_THAT(notice, Catch::StartsWith("Warning: "));
    }
}

TEST_CASE("our own options") {
    CHECK(good("-L --state /tmp/x").state == "/tmp/x");
    CHECK(good("--state=/tmp/x -A input").state == "/tmp/x");
    CHECK(good("-F --dry-run").dry_run);
    CHECK(good("-C input --trace -p 47 -s 1.1.1.1 -d 2.2.2.2 -i eth0").trace);
    // They change no abbreviation that there was, and have none.
    CHECK(std::get<SetTimeouts>(good("--se 1 2 3").action).udp == 3);
    CHECK(std::get<List>(good("--lis --num").action).chain == std::nullopt);
    CHECK_FALSE(parse_line("-L --stat /tmp/x").ok());
    CHECK_FALSE(parse_line("-F --dry").ok());
}
