// What is said of rules that do nothing, and that it is true.
#include <catch2/catch.hpp>

#include <ctime>
#include <optional>
#include <random>
#include <set>

#include "fw/evaluate.h"
#include "rounds.h"
#include "rulesets.h"
#include "translate/examine.h"
#include "translate/packet_set.h"
#include "translate/takers.h"

using namespace fw;

namespace {

// The rules that the lines make, each with the number of its line.
Ruleset numbered(const std::vector<std::string>& lines) {
    Ruleset ruleset = Ruleset::empty();
    for (std::uint32_t number = 1; number <= lines.size(); ++number) {
        const std::string& line = lines[number - 1];
        const firewall::Run run = firewall::ipchains(ruleset, words_of(line), recorded_names());
        INFO(line << ": " << run.problem);
        REQUIRE(run.exit == 0);
        for (Chain& chain : ruleset.chains) {
            for (Rule& rule : chain.rules) {
                rule.line.number = rule.line.number == 0 ? number : rule.line.number;
            }
        }
    }
    return ruleset;
}

using Lines = std::vector<std::string>;

Lines remarks(const Ruleset& ruleset) {
    Lines lines;
    for (const Remark& remark : translate::examine(ruleset)) {
        lines.push_back(std::to_string(remark.line) + ": " + remark.text);
    }
    return lines;
}

}  // namespace

TEST_CASE("what no packet meets is said, and why") {
    const std::string never = ": no packet meets the rule: ";
    struct {
        const char* what;
        Lines lines;
        Lines remarks;
    } const table[] = {
        {"a rule that is of use", {"-A input -p tcp -s 10.0.0.0/8 -d 0/0 80 -j ACCEPT"}, {}},
        {"a protocol that is none",
         {"-A input -p 300 -j DENY"},
         {"1" + never + "there is no protocol 300"}},
        {"every other address",
         {"-A input -s ! 0/0 -j DENY"},
         {"1" + never + "it leaves out every source address"}},
        {"every other interface",
         {"-A input -i ! + -j DENY"},
         {"1" + never + "it leaves out every interface"}},
        {"an ICMP type that is none",
         {"-A input -p icmp -s 0/0 300 -j DENY"},
         {"1" + never + "ICMP types end at 255"}},
        {"every ICMP type but all",
         {"-A input -p icmp -s 0/0 ! 0:255 -j DENY"},
         {"1" + never + "it leaves out every ICMP type"}},
        {"a port of none, in what is no fragment",
         {"-A input ! -f -p tcp -d 0/0 ! 0:65535 -j DENY",
          "-A input -p tcp -d 0/0 ! 0:65535 -j DENY"},
         {"1" + never + "it leaves out every port"}},
        {"ports upside down",
         {"-A input -p tcp -d 0/0 90:80 -j DENY"},
         {"1" + never + "the range of ports is upside down"}},
        {"behind all",
         {"-A input -j DENY", "-A input -p tcp -j ACCEPT"},
         {"2" + never + "line 1 takes all that come"}},
        {"behind a larger network",
         {"-A input -s 10.0.0.0/8 -j DENY", "-A input -p tcp -s 10.1.0.0/16 -d 0/0 80 -j ACCEPT"},
         {"2" + never + "line 1 takes all of its packets"}},
        {"behind its equal",
         {"-A input -s 10.0.0.0/8 -j DENY", "-A input -s 10.0.0.0/8 -j DENY"},
         {"2" + never + "it repeats line 1"}},
        {"the way back is the way there",
         {"-A input -b -p icmp -j ACCEPT"},
         {"1" + never + "it repeats the other rule of this line"}},
        {"all ports, and so fragments, too",
         {"-A input -p tcp -d 0/0 : -j ACCEPT", "-A input -p tcp -d 0/0 80 -j DENY"},
         {"2" + never + "line 1 takes all of its packets"}},
        {"all ports but one leave the fragments",
         {"-A input -p udp -d 0/0 1: -j DENY", "-A input -p udp -d 0/0 0 -j DENY",
          "-A input -p udp -f -j DENY"},
         {}},
        {"-y of all TCP",
         {"-A input -p tcp -j DENY", "-A input -p tcp -y -j ACCEPT"},
         {"2" + never + "line 1 takes all of its packets"}},
        {"and the other way round",
         {"-A input -p tcp -y -j DENY", "-A input -p tcp -j ACCEPT"},
         {}},
        {"a rule that goes on takes nothing",
         {"-A input -s 10.0.0.1", "-A input -s 10.0.0.1 -j DENY"},
         {}},
        {"but repeats",
         {"-A input -s 10.0.0.1", "-A input -s 10.0.0.1"},
         {"2: the rule repeats line 1: packets meet both"}},
        {"a chain of no use",
         {"-N a", "-A a -p tcp -j DENY", "-A a -p 300"},
         {"2: no packet enters chain a: no rule jumps to it"}},
        {"a chain behind it",
         {"-N a", "-N b", "-A a -j b", "-A b -j DENY"},
         {"3: no packet enters chain a: no rule jumps to it",
          "4: no packet enters chain b: no packet meets a rule that jumps to it"}},
        {"a chain that nothing reaches, and nothing is in",
         {"-N a"},
         {"0: no packet enters chain a: no rule jumps to it"}},
        {"a chain without rules",
         {"-N a", "-A input -j a"},
         {"2: the rule jumps to chain a, which has no rules"}},
        {"a chain from which none comes back",
         {"-N a", "-A a -l", "-A a -j DENY", "-A input -p tcp -j a",
          "-A input -p tcp -y -j ACCEPT"},
         {"5" + never + "line 4 takes all of its packets"}},
        {"one from which some do",
         {"-N a", "-A a -s 10.0.0.1 -j RETURN", "-A a -j DENY", "-A input -p tcp -j a",
          "-A input -p tcp -y -j ACCEPT"},
         {}},
        {"other packets than come to the chain",
         {"-N a", "-A input -p tcp -j a", "-A a -p udp -j DENY", "-A a -j DENY"},
         {"3" + never + "the only jump to chain a, in line 2, lets no such packets through"}},
        {"by none of the ways",
         {"-N a", "-A input -i eth0 -j a", "-A input -i eth1 -j a", "-A a -i ppp+ -j DENY",
          "-A a -i eth+ -j DENY"},
         {"4" + never + "none of the jumps to chain a lets such packets through"}},
    };
    for (const auto& row : table) {
        INFO(row.what);
        CHECK(remarks(numbered(row.lines)) == row.remarks);
    }
}

TEST_CASE("lines are those of the source") {
    const Ruleset ruleset = numbered({"-A input -j DENY", "-A input -p tcp -j DENY"});
    const std::vector<SourceLine> one_file = {{"", "rc", 12}, {"", "rc", 20}};
    const std::vector<SourceLine> two_files = {{"", "rc", 12}, {"", "rc.local", 20}};
    CHECK(translate::examine(ruleset, one_file).front().text ==
          "no packet meets the rule: line 12 takes all that come");
    CHECK(translate::examine(ruleset, two_files).front().text ==
          "no packet meets the rule: line 12 of rc takes all that come");
    CHECK(translate::examine(ruleset, one_file).front().line == 2);
}

namespace {

class Chance {
public:
    explicit Chance(unsigned seed) : engine_(seed) {}
    unsigned below(unsigned n) { return static_cast<unsigned>(engine_() % n); }
    bool one_in(unsigned n) { return below(n) == 0; }

private:
    std::mt19937 engine_;
};

AddressMatch random_address(Chance& chance) {
    if (chance.one_in(3)) {
        return {{}, {}, chance.one_in(10)};
    }
    const std::uint32_t masks[] = {0xffffffff, 0xfffffffe, 0xfffffffc, 0xfffffff0, 0xfffffff5};
    const std::uint32_t mask = masks[chance.below(5)];
    return {{(0x0a000000 + chance.below(16)) & mask}, {mask}, chance.one_in(5)};
}

PortMatch random_ports(Chance& chance) {
    PortMatch match;
    match.inverted = chance.one_in(5);
    static const std::uint16_t borders[] = {0, 1, 5, 6, 254, 255, 256, 300, 65534, 65535};
    if (!chance.one_in(3)) {
        const std::uint16_t first = borders[chance.below(10)];
        const std::uint16_t last = borders[chance.below(10)];
        match.ranges.push_back({first, chance.one_in(3) ? first : std::max(first, last)});
        if (match.ranges.front().all()) {
            match.ranges.clear();
        }
    }
    return match;
}

const char* const interface_names[] = {"eth0", "eth1", "eth10", "ppp0", "abcdefghijklmno"};

InterfaceMatch random_interface(Chance& chance) {
    if (chance.one_in(2)) {
        return {"", true, chance.one_in(15), {}};
    }
    std::string name = interface_names[chance.below(5)];
    if (chance.one_in(12)) {
        name = "abcdefghijklmnop";
    }
    const bool wildcard = chance.one_in(3);
    if (wildcard && chance.one_in(2)) {
        name.resize(3);
    }
    return {name, wildcard, chance.one_in(4), {}};
}

const std::uint16_t protocols[] = {0, 0, 1, 6, 17, 47, 50, 300};

Flag random_flag(Chance& chance, unsigned rarely) {
    return chance.one_in(rarely) ? (chance.one_in(2) ? Flag::set : Flag::clear) : Flag::any;
}

Rule random_rule(Chance& chance) {
    Rule rule;
    rule.source = random_address(chance);
    if (chance.one_in(3)) {
        rule.destination = random_address(chance);
    }
    rule.interface = random_interface(chance);
    rule.protocol = {protocols[chance.below(8)], chance.one_in(8)};
    if (chance.one_in(2)) {
        rule.source_ports = random_ports(chance);
    }
    if (chance.one_in(2)) {
        rule.destination_ports = random_ports(chance);
    }
    rule.syn = random_flag(chance, 4);
    rule.fragment = random_flag(chance, 4);
    rule.ack = chance.one_in(12);
    return rule;
}

// Half of the rules are close to one before, so that some lie within others.
Rule similar_rule(Chance& chance, const Rule& model) {
    Rule rule = model;
    const Rule other = random_rule(chance);
    switch (chance.below(7)) {
        case 0: rule.source = other.source; break;
        case 1: rule.destination = other.destination; break;
        case 2: rule.interface = other.interface; break;
        case 3: rule.protocol = other.protocol; break;
        case 4: rule.source_ports = other.source_ports; break;
        case 5: rule.destination_ports = other.destination_ports; break;
        default: rule.syn = other.syn; break;
    }
    return rule;
}

Target random_target(Chance& chance, std::size_t chain) {
    static const char* const deeper[] = {"a", "b"};
    const std::size_t next = chain <= 2 ? 0 : chain - 2;  // input 0, a 3, b 4
    switch (chance.below(8)) {
        case 0: return Accept{};
        case 1: return Reject{};
        case 2: return Return{};
        case 3: return None{};
        case 4:
        case 5:
            if (next < 2) {
                return Jump{deeper[next + chance.below(static_cast<unsigned>(2 - next))]};
            }
            return Masquerade{};
        default: return Deny{};
    }
}

Ruleset random_ruleset(Chance& chance) {
    Ruleset ruleset = Ruleset::empty();
    for (const char* name : {"a", "b"}) {
        Chain chain;
        chain.name = name;
        ruleset.chains.push_back(std::move(chain));
    }
    std::uint32_t number = 0;
    for (const std::size_t chain : {0U, 3U, 4U}) {
        std::vector<Rule>& rules = ruleset.chains[chain].rules;
        const unsigned count = chance.below(12);
        for (unsigned i = 0; i < count; ++i) {
            Rule rule = !rules.empty() && chance.one_in(2)
                            ? similar_rule(chance, rules[chance.below(i)])
                            : random_rule(chance);
            rule.target = random_target(chance, chain);
            rule.line.number = ++number;
            rules.push_back(std::move(rule));
        }
    }
    return ruleset;
}

Packet random_packet(Chance& chance) {
    static const std::uint16_t real[] = {1, 6, 6, 6, 17, 17, 47, 50};
    static const std::uint8_t flags[] = {0x02, 0x10, 0x12, 0x04, 0x06, 0x00, 0x03, 0x14};
    static const std::uint16_t ports[] = {0,   1,   2,   5,   6,   7,     253,
                                          254, 255, 256, 300, 301, 65534, 65535};
    Packet packet;
    packet.source = {0x0a000000 + chance.below(17)};
    packet.destination = {0x0a000000 + chance.below(17)};
    packet.protocol = real[chance.below(8)];
    packet.interface = interface_names[chance.below(5)];
    packet.source_port = ports[chance.below(14)];
    packet.destination_port = ports[chance.below(14)];
    if (packet.protocol == protocol_icmp) {
        packet.source_port &= 0xff;
        packet.destination_port &= 0xff;
    }
    packet.tcp_flags = flags[chance.below(8)];
    packet.length = chance.one_in(5) ? static_cast<std::uint16_t>(20 + chance.below(20)) : 60;
    if (chance.one_in(4)) {
        packet.fragment_offset = static_cast<std::uint16_t>(2 + chance.below(100));
    }
    return packet;
}

// A packet that comes close to meeting the rule.
Packet packet_near(Chance& chance, const Rule& rule) {
    Packet packet = random_packet(chance);
    if (!chance.one_in(4)) {
        packet.source.value =
            rule.source.address.value | (packet.source.value & ~rule.source.mask.value);
        packet.destination.value = rule.destination.address.value |
                                   (packet.destination.value & ~rule.destination.mask.value);
    }
    if (rule.protocol.number != 0 && rule.protocol.number < 256) {
        packet.protocol = rule.protocol.number;
    }
    if (!rule.source_ports.ranges.empty()) {
        packet.source_port = rule.source_ports.ranges.front().first;
    }
    if (!rule.destination_ports.ranges.empty()) {
        packet.destination_port = rule.destination_ports.ranges.front().last;
    }
    if (packet.protocol == protocol_icmp) {
        packet.source_port &= 0xff;
        packet.destination_port &= 0xff;
    }
    if (rule.syn == Flag::set) {
        packet.tcp_flags = 0x02;
    }
    return packet;
}

}  // namespace

TEST_CASE("no packet meets a rule of which that is said") {
    std::size_t said = 0;
    std::size_t rules = 0;
    for (unsigned seed = 0; seed < rounds(1500); ++seed) {
        Chance chance(seed);
        const Ruleset ruleset = random_ruleset(chance);
        std::set<std::uint32_t> dead;
        std::set<std::string> closed;
        for (const Remark& remark : translate::examine(ruleset)) {
            const std::string enters = "no packet enters chain ";
            if (remark.text.starts_with(enters)) {
                closed.insert(remark.text.substr(enters.size(), 1));
            } else if (remark.text.starts_with("no packet meets the rule")) {
                dead.insert(remark.line);
            }
        }
        std::vector<const Rule*> all;
        for (const std::size_t chain : {0U, 3U, 4U}) {
            for (const Rule& rule : ruleset.chains[chain].rules) {
                all.push_back(&rule);
            }
        }
        for (unsigned i = 0; i < 400 + 40 * all.size(); ++i) {
            const Packet packet =
                i < 400 ? random_packet(chance) : packet_near(chance, *all[i % all.size()]);
            for (const Hit& hit : evaluate(ruleset, "input", packet).hits) {
                if (hit.rule == Step::npos) {
                    continue;
                }
                const Chain& chain = ruleset.chains[hit.chain];
                const std::uint32_t line = chain.rules[hit.rule].line.number;
                INFO("seed " << seed << " line " << line);
                if (dead.contains(line) || closed.contains(chain.name)) {
                    FAIL("met");
                }
            }
        }
        said += dead.size();
        rules += all.size();
    }
    CHECK(said > rules / 20);  // else there was nothing to say
}

TEST_CASE("the taker that is looked up is the one that looking at all of them finds") {
    std::size_t found = 0;
    for (unsigned seed = 0; seed < 1500; ++seed) {
        Chance chance(seed);
        std::vector<translate::PacketSet> sets;
        for (const Chain& chain : random_ruleset(chance).chains) {
            for (const Rule& rule : chain.rules) {
                if (!translate::PacketSet(rule).empty()) {
                    sets.emplace_back(rule);
                }
            }
        }
        translate::Takers takers(sets, 1'000'000);
        for (std::size_t i = 0; i < sets.size(); ++i) {
            std::optional<std::size_t> first;
            for (std::size_t earlier = 0; earlier < i && !first; ++earlier) {
                first = sets[earlier].covers(sets[i]) ? std::optional(earlier) : std::nullopt;
            }
            INFO("seed " << seed << " rule " << i);
            CHECK((takers.first_over(i) == first));
            found += first ? 1 : 0;
            takers.add(i);
        }
    }
    CHECK(found > 1000);
}

#if defined(__SANITIZE_ADDRESS__) || !defined(NDEBUG)
constexpr double slower = 20;
#else
constexpr double slower = 1;
#endif

TEST_CASE("ten thousand rules are examined in a second") {
    Ruleset ruleset = Ruleset::empty();
    for (std::uint32_t i = 0; i < 10000; ++i) {
        Rule rule;
        rule.protocol.number = protocol_tcp;
        rule.destination_ports.ranges = {
            {static_cast<std::uint16_t>(i + 1), static_cast<std::uint16_t>(i + 1)}};
        rule.target = Deny{};
        ruleset.chains[0].rules.push_back(std::move(rule));
    }
    const std::clock_t start = std::clock();
    CHECK(translate::examine(ruleset).empty());
    const auto took = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    CHECK(took < slower);
}
