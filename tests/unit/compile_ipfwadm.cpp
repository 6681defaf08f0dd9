// ipfwadm's rules in the kernel: one rule may be several there, of which a packet meets one; its
// table, and what belongs to others in it.
#include <catch2/catch.hpp>
#include <random>

#include "compile/changes.h"
#include "compile/quick.h"
#include "compile/read_back.h"
#include "compile/table.h"
#include "compile/ways.h"
#include "evaluate/match.h"
#include "goldens.h"
#include "loaded.h"
#include "nft/text.h"

using namespace fw;

namespace {

using Lines = std::vector<std::string>;

Ruleset ipfwadm(const Lines& lines) {
    Golden golden{"", lines};
    golden.dialect = Dialect::ipfwadm;
    return ruleset_of(golden);
}

Lines operations(const nft::KernelTable& table, const std::string& change) {
    const Result<Ruleset> before = compile::read_back(table, Dialect::ipfwadm);
    REQUIRE(before);
    Ruleset after = *before;
    REQUIRE(fw::apply(after, change_of(change, Dialect::ipfwadm)));
    const auto transaction = compile::compile_changes(table, *before, after);
    REQUIRE(transaction);
    Lines out;
    const std::string text = nft::transaction_text(*transaction, "ipfwadm");
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        out.push_back(text.substr(at, text.find('\n', at) - at));
    }
    return out;
}

bool has(const Lines& lines, const std::string& start) {
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.starts_with(start); });
}

class Dice {
public:
    template <typename T>
    T pick(std::initializer_list<T> values) {
        return values.begin()[engine_() % values.size()];
    }
    AddressMatch address() {
        const auto mask =
            pick<std::uint32_t>({0, 0, 0xff000000, 0xffff0000, 0xffffffff, 0xff0000ff});
        return {{host().value & mask}, {mask}, false};
    }
    Address host() {
        return {pick<std::uint32_t>({0x0a000001, 0x0a010001, 0x0a000002, 0xc0a80101})};
    }
    std::uint16_t port() { return pick<std::uint16_t>({80, 25, 1024, 65535, 0}); }
    PortMatch ports() {
        const auto range = pick<PortRange>({{0, 80}, {1024, 65535}, {0, 65535}, {25, 25}});
        return pick<PortMatch>({{}, {{range}, false, true}, {{{80, 80}, {25, 25}}}, {{{80, 80}}}});
    }
    bool chance(unsigned one_in) { return engine_() % one_in == 0; }

private:
    std::mt19937 engine_{1996};  // NOLINT: the same numbers each time
};

Rule random_rule(Dice& dice) {
    Rule rule;
    rule.source = dice.address();
    rule.destination = dice.address();
    rule.protocol.number = dice.pick<std::uint16_t>({0, 6, 6, 6, 17, 1});
    if (rule.protocol.number == protocol_tcp || rule.protocol.number == protocol_udp) {
        rule.source_ports = dice.ports();
        rule.destination_ports = dice.ports();
    } else if (rule.protocol.number == protocol_icmp && dice.chance(2)) {
        rule.source_ports.ranges = {{8, 8}, dice.pick<PortRange>({{255, 255}, {3, 5}})};
    }
    rule.two_way = !dice.chance(3);
    rule.syn = dice.chance(4) ? Flag::set : Flag::any;
    rule.ack = dice.chance(4);
    return rule;
}

Packet random_packet(Dice& dice) {
    Packet packet;
    packet.source = dice.host();
    packet.destination = dice.host();
    packet.protocol = dice.pick<std::uint16_t>({6, 6, 17, 1, 47});
    packet.source_port = dice.port();
    packet.destination_port = dice.port();
    if (packet.protocol == protocol_icmp) {
        packet.source_port = dice.pick<std::uint16_t>({8, 3, 0});
    }
    packet.tcp_flags = dice.pick<std::uint8_t>({0x02, 0x10, 0x04, 0x00, 0x12});
    packet.fragment_offset = dice.pick<std::uint16_t>({0, 0, 2});
    return packet;
}

// Whether a packet goes this way, by its rules alone.
bool goes(const compile::Way& way, const evaluation::PacketView& view) {
    Rule rule = way.rule;
    CHECK(!rule.two_way);
    const bool later = view.packet.fragment_offset != 0;
    const bool looks_behind_header = !rule.source_ports.any() || !rule.destination_ports.any() ||
                                     rule.syn != Flag::any || rule.ack;
    if (later ? looks_behind_header : rule.fragment == Flag::set) {
        return false;
    }
    rule.fragment = Flag::any;
    Rule also = way.also;
    also.protocol = rule.protocol;
    return evaluation::unmet(rule, view) == evaluation::Part::none &&
           evaluation::unmet(also, view) == evaluation::Part::none;
}

}  // namespace

TEST_CASE("compile: a packet goes one of a rule's ways if it meets the rule, else none") {
    Dice dice;
    std::size_t met = 0;
    for (int i = 0; i < 20000; ++i) {
        const Rule rule = random_rule(dice);
        const Packet packet = random_packet(dice);
        const evaluation::PacketView view = evaluation::view(packet, Dialect::ipfwadm);
        const bool meets = evaluation::unmet(rule, view) == evaluation::Part::none;
        met += meets ? 1 : 0;
        if (packet.fragment_offset == 0) {
            const auto ways = compile::ways_of(rule, compile::Packets::whole);
            REQUIRE(std::count_if(ways.begin(), ways.end(), [&](const auto& way) {
                        return goes(way, view);
                    }) == (meets ? 1 : 0));
        }
        const auto ways = compile::ways_of(rule, compile::Packets::counted);
        REQUIRE(std::count_if(ways.begin(), ways.end(),
                              [&](const auto& way) { return goes(way, view); }) == (meets ? 1 : 0));
    }
    CHECK(met > 1000);
}

TEST_CASE("compile: a rule of two ways is no more rules than it must be") {
    const std::pair<const char*, std::size_t> table[] = {
        {"-F -a accept -b", 1},
        {"-F -a accept -b -S 10.0.0.0/8 -D 10.0.0.0/8", 1},
        {"-F -a accept -b -S 10.0.0.0/8 -D 192.168.0.0/16", 2},
        {"-F -a accept -b -S 10.0.0.0/8", 2},
        {"-F -a accept -b -P tcp -S 10.0.0.0/8 1024:65535 -D 0/0 80", 2},
        {"-F -a accept -b -P tcp -S 0/0 80 -D 0/0 80", 1},
        {"-F -a accept -b -P icmp -S 10.0.0.1 8 -D 10.0.0.2", 2},
    };
    for (const auto& [line, ways] : table) {
        INFO(line);
        const Ruleset ruleset = ipfwadm({line});
        CHECK(compile::ways_of(ruleset.chains[1].rules[0], compile::Packets::whole).size() == ways);
    }
}

TEST_CASE("changes: accounting has base chains as long as it has rules") {
    const Lines added = operations(loaded(ipfwadm({"-I -a deny"})), "-A in -a -W eth0");
    CHECK(has(added, "add chain ip ipfwadm accounting.in "));
    CHECK(has(added, "add chain ip ipfwadm accounting.out "));
    CHECK(has(added, "add rule ip ipfwadm accounting iifname \"eth0\" oif 0 counter"));
    const nft::KernelTable counting = loaded(ipfwadm({"-A -a"}));
    CHECK(operations(counting, "-A -a -P udp") ==
          Lines{"add rule ip ipfwadm accounting ip protocol udp counter"});
    const Lines gone = operations(counting, "-A -f");
    CHECK(has(gone, "delete chain ip ipfwadm accounting.in"));
    CHECK(has(gone, "delete chain ip ipfwadm accounting.out"));
    CHECK_FALSE(has(gone, "delete chain ip ipfwadm accounting\n"));
}

TEST_CASE("changes: rules that log have no numbers in ipfwadm, and stay as others come") {
    CHECK(operations(loaded(ipfwadm({"-I -a deny -o"})), "-I -i accept -P tcp").size() == 1);
}

TEST_CASE("quick: accounting is entered from its own chains, and odd TOS masks take a full look") {
    const auto quick = [](const char* line) {
        return compile::quick_change(change_of(line, Dialect::ipfwadm), Dialect::ipfwadm);
    };
    REQUIRE(quick("-A -a -b -P tcp"));
    CHECK(quick("-A -a")->entrance == "accounting.in");
    CHECK(quick("-I -a accept -P tcp -D 0/0 21 25")->entrance == "input.hook");
    CHECK(quick("-O -a accept -t 01 10 -P tcp").has_value() ==
          quick("-O -a accept -t 01 10").has_value());
    CHECK_FALSE(quick("-O -a accept -t 00 11"));
    CHECK_FALSE(quick("-F -a m"));
}

TEST_CASE("read_back: what others have in table ip ipfwadm is theirs") {
    nft::KernelTable table = loaded(ipfwadm({"-I -a deny"}));
    table.chains.push_back({"mine", false, {{99, std::nullopt, "", {}, 1}}});
    table.chains.push_back({"empty", false, {}});
    const Result<Ruleset> read = compile::read_back(table, Dialect::ipfwadm);
    REQUIRE(read);
    CHECK(*read == ipfwadm({"-I -a deny"}));
    for (const std::string& line : operations(table, "-I -f")) {
        CHECK(line.starts_with("delete rule ip ipfwadm input "));
    }
}

TEST_CASE("read_back: a damaged table is called by its name") {
    nft::KernelTable table = loaded(ipfwadm({}));
    std::erase_if(table.chains, [](const auto& chain) { return chain.name == "accounting"; });
    const Result<Ruleset> read = compile::read_back(table, Dialect::ipfwadm);
    REQUIRE(!read);
    CHECK(read.error().code == Code::damaged);
    CHECK(read.error().word == "accounting");
    CHECK(read.error().remedy.find("nft delete table ip ipfwadm") != std::string::npos);
}
