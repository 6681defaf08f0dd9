// Rules of ipfwadm as rules of ipchains: what each becomes, and that whole packets are decided and
// counted as before, for recorded rulesets and packets at the borders of their rules.
#include <algorithm>
#include <catch2/catch.hpp>
#include <random>
#include <set>

#include "fw/evaluate.h"
#include "fw/saved.h"
#include "translate/to_ipchains.h"
#include "unit/file_names.h"
#include "unit/packet_options.h"
#include "unit/proc20.h"
#include "unit/recorded.h"

using namespace fw;
using translate::AsIpchains;

namespace {

// Each rule has a line of its own.
Ruleset numbered(Ruleset ruleset) {
    std::uint32_t line = 0;
    for (Chain& chain : ruleset.chains) {
        for (Rule& rule : chain.rules) {
            rule.counters = {};
            rule.line.number = ++line;
        }
    }
    return ruleset;
}

std::multiset<std::uint32_t> lines_of(const Ruleset& ruleset, const Decision& decision) {
    std::multiset<std::uint32_t> lines;
    for (const Hit& hit : decision.hits) {
        if (hit.rule != Step::npos) {
            lines.insert(ruleset.chains[hit.chain].rules[hit.rule].line.number);
        }
    }
    lines.erase(0);
    return lines;
}

std::string show(const Packet& p) {
    std::string text = p.interface + " protocol " + std::to_string(p.protocol);
    for (const std::uint32_t value :
         {p.source.value, p.destination.value, std::uint32_t{p.source_port},
          std::uint32_t{p.destination_port}, std::uint32_t{p.tcp_flags}, std::uint32_t{p.tos}}) {
        text += " " + std::to_string(value);
    }
    return text;
}

// The same packet through both, but where a remark tells of a difference.
class Comparison {
public:
    explicit Comparison(const Ruleset& ruleset)
        : before_(numbered(ruleset)), made_(translate::to_ipchains(before_)) {
        for (const Remark& remark : made_.remarks) {
            if (remark.text.starts_with("-k ")) {
                about_ack_.insert(remark.line);
            } else if (!remark.text.ends_with("count apart")) {
                different_.insert(remark.line);
            }
        }
    }

    const AsIpchains& made() const { return made_; }

    void compare(Packet packet) {
        INFO(show(packet));
        for (const char* chain : {"input", "forward", "output"}) {
            const std::string name = chain;
            packet.direction = name == "input"    ? Direction::in
                               : name == "output" ? Direction::out
                                                  : Direction::both;
            INFO(name);
            const Decision old = evaluate(before_, name, packet);
            std::multiset<std::uint32_t> lines = lines_of(before_, old);
            if (packet.direction != Direction::both) {
                lines.merge(lines_of(before_, evaluate(before_, "accounting", packet)));
            }
            const Decision now = evaluate(made_.ruleset, name, packet);
            const std::multiset<std::uint32_t> now_lines = lines_of(made_.ruleset, now);
            if (is_told(packet, lines) || is_told(packet, now_lines)) {
                continue;
            }
            ++compared_;
            CHECK(now_lines == lines);
            CHECK(now.verdict == old.verdict);
            CHECK(now.port == old.port);
            CHECK(now.tos == old.tos);
        }
    }

    std::size_t compared() const { return compared_; }

private:
    bool is_told(const Packet& packet, const std::multiset<std::uint32_t>& lines) const {
        const bool no_flags = packet.protocol == protocol_tcp && (packet.tcp_flags & 0x16) == 0;
        return std::any_of(lines.begin(), lines.end(), [&](std::uint32_t line) {
            return different_.contains(line) || (no_flags && about_ack_.contains(line));
        });
    }

    Ruleset before_;
    AsIpchains made_;
    std::set<std::uint32_t> different_;
    std::set<std::uint32_t> about_ack_;
    std::size_t compared_ = 0;
};

bool is_whole(const Packet& packet) {
    const unsigned needed = packet.protocol == protocol_tcp ? 16
                            : packet.protocol == protocol_udp || packet.protocol == protocol_icmp
                                ? 8
                                : 0;
    return packet.fragment_offset == 0 && packet.length >= packet.header_words * 4U + needed;
}

class Random {
public:
    explicit Random(unsigned seed) : engine_(seed) {}
    std::size_t below(std::size_t end) {
        return std::uniform_int_distribution<std::size_t>(0, end - 1)(engine_);
    }
    template <typename T>
    T one_of(const std::vector<T>& values) {
        return values[below(values.size())];
    }

private:
    std::mt19937 engine_;
};

// What a ruleset's rules ask for, and what is next to it.
struct Borders {
    std::vector<Address> addresses = {{0x0a000001}, {0xc0a80101}};
    std::vector<std::uint16_t> ports = {0, 80, 65535};

    explicit Borders(const Ruleset& ruleset) {
        for (const Chain& chain : ruleset.chains) {
            for (const Rule& rule : chain.rules) {
                add(rule.source);
                add(rule.destination);
                add(rule.source_ports);
                add(rule.destination_ports);
            }
        }
    }
    void add(const AddressMatch& match) {
        addresses.push_back(match.address);
        addresses.push_back({match.address.value | ~match.mask.value});
        addresses.push_back({match.address.value - 1});
    }
    void add(const PortMatch& match) {
        for (const PortRange& range : match.ranges) {
            for (const int port :
                 {range.first - 1, range.first + 0, range.last + 0, range.last + 1}) {
                ports.push_back(static_cast<std::uint16_t>(port));
            }
        }
    }
    Packet packet(Random& random) const {
        Packet packet;
        packet.source = random.one_of(addresses);
        packet.destination = random.one_of(addresses);
        packet.protocol = random.one_of<std::uint16_t>({6, 6, 6, 17, 17, 1, 47});
        packet.interface = random.one_of<std::string>({"eth0", "eth1", "lo", "ppp0"});
        packet.tcp_flags = random.one_of<std::uint8_t>({2, 0x10, 0x12, 4, 0x14, 0, 1, 6});
        packet.tos = random.one_of<std::uint8_t>({0, 0x10, 0x1e});
        packet.source_port = random.one_of(ports);
        packet.destination_port = random.one_of(ports);
        if (packet.protocol == protocol_icmp) {
            packet.source_port &= 0xff;
            packet.destination_port &= 0x0f;
        }
        return packet;
    }
};

Ruleset of_one_rule(std::string_view chain, Rule rule) {
    Ruleset ruleset = Ruleset::empty(Dialect::ipfwadm);
    ruleset.find(chain)->rules.push_back(std::move(rule));
    return ruleset;
}

Rule tcp(Target target) {
    Rule rule;
    rule.protocol.number = protocol_tcp;
    rule.target = std::move(target);
    return rule;
}

std::string saved(const AsIpchains& made) {
    std::string text = print_saved(made.ruleset, std::nullopt, false);
    for (const std::string_view left_out :
         {" -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0", ":input ACCEPT\n", ":forward ACCEPT\n",
          ":output ACCEPT\n"}) {
        for (std::size_t at; (at = text.find(left_out)) != text.npos;) {
            text.erase(at, left_out.size());
        }
    }
    return text;
}

std::string fragments_pass(const std::string& chain) {
    std::string text;
    for (const char* protocol : {"6", "17", "1"}) {
        text += "-A " + chain + " -p " + protocol + " -j ACCEPT -f\n";
    }
    return text;
}

}  // namespace

TEST_CASE("to ipchains: recorded rulesets decide and count the same", "[recorded]") {
    std::size_t compared = 0;
    Random random(1);
    for (const recorded::Packets& recorded : recorded::ipfwadm_packets()) {
        INFO(recorded.id);
        const Ruleset ruleset = read_proc20(recorded.proc20, recorded_names());
        Comparison comparison(ruleset);
        for (const recorded::Packet& packet : recorded.packets) {
            const auto request = packets::parse_packet_options(packet.arguments);
            REQUIRE(request.ok());
            if (is_whole(request->packet)) {
                comparison.compare(request->packet);
            }
        }
        const Borders borders(ruleset);
        for (int i = 0; i < 100; ++i) {
            comparison.compare(borders.packet(random));
        }
        compared += comparison.compared();
    }
    CHECK(compared > 80'000);
}

TEST_CASE("to ipchains: what comes out can be restored", "[recorded]") {
    const auto check = [](const std::string& proc20) {
        const Ruleset ruleset = read_proc20(proc20, recorded_names());
        const Ruleset made = translate::to_ipchains(numbered(ruleset)).ruleset;
        Ruleset again = Ruleset::empty();
        RestoreOptions options;
        options.flush = true;
        const Restored restored = restore(again, print_saved(made, std::nullopt, false), options,
                                          recorded_names(), nullptr);
        for (const LineError& error : restored.errors) {
            FAIL_CHECK(error.error.word << ": " << error.error.problem);
        }
        CHECK(again == made);
    };
    for (const recorded::Packets& recorded : recorded::ipfwadm_packets()) {
        INFO(recorded.id);
        check(recorded.proc20);
    }
    for (const recorded::Case& recorded : recorded::ipfwadm_cases()) {
        INFO(recorded.id);
        check(recorded.proc20);
    }
}

TEST_CASE("to ipchains: one rule, and what it becomes") {
    struct Case {
        const char* what;
        Rule rule;
        const char* rules;
        const char* remark;  // the beginning of one; "" for none but that of fragments
    };
    Rule lists = tcp(Accept{});
    lists.source_ports = {{{1024, 65535}}, false, true};
    lists.destination_ports = {{{25, 25}, {80, 80}, {81, 81}}, false, false};
    Rule opens = tcp(Deny{});
    opens.syn = Flag::set;
    Rule answers = tcp(Accept{});
    answers.ack = true;
    Rule flags_of_all = tcp(Accept{});
    flags_of_all.protocol.number = 0;
    flags_of_all.ack = true;
    Rule flags_of_udp = opens;
    flags_of_udp.protocol.number = protocol_udp;
    Rule both = tcp(Accept{});
    both.two_way = true;
    both.source = {{0x0a000000}, {0xff000000}, false};
    both.destination_ports = {{{80, 80}}, false, false};
    Rule symmetric = tcp(Accept{});
    symmetric.two_way = true;
    Rule redirects;
    redirects.target = Redirect{8080};
    Rule by_address = tcp(Accept{});
    by_address.interface = {"", true, false, Address{0x0a0000fe}, "eth0"};
    Rule nowhere = tcp(Accept{});
    nowhere.interface = {"", true, false, Address{0x0a0000fd}, ""};
    Rule by_both = nowhere;
    by_both.interface = {"ppp0", false, false, Address{0x0a0000fd}, ""};
    Rule tos_of_denied = tcp(Deny{});
    tos_of_denied.tos = {0x01, 0x10};
    Rule idle = tcp(Reject{});
    idle.idle_redirect = 80;
    const Case cases[] = {
        {"ports", lists,
         "-A input -s 0.0.0.0/0.0.0.0 1024:65535 -d 0.0.0.0/0.0.0.0 25:25 -p 6 -j ACCEPT\n"
         "-A input -s 0.0.0.0/0.0.0.0 1024:65535 -d 0.0.0.0/0.0.0.0 80:81 -p 6 -j ACCEPT\n",
         "2 rules"},
        {"-y", opens, "-A input -p 6 -j DENY -y\n", ""},
        {"-k", answers, "-A input -p 6 -j ACCEPT ! -y\n", "-k was met"},
        {"-k of all", flags_of_all, "-A input -p 6 -j ACCEPT ! -y\n-A input -p ! 6 -j ACCEPT\n",
         "-k was met"},
        {"-y of UDP", flags_of_udp, "-A input -p 17 -j DENY\n", ""},
        {"-b", both,
         "-A input -s 10.0.0.0/255.0.0.0 -d 0.0.0.0/0.0.0.0 80:80 -p 6 -j ACCEPT\n"
         "-A input -s 0.0.0.0/0.0.0.0 80:80 -d 10.0.0.0/255.0.0.0 -p 6 -j ACCEPT\n",
         "2 rules"},
        {"-b, the same both ways", symmetric, "-A input -p 6 -j ACCEPT\n", ""},
        {"-r", redirects,
         "-A input -p 6 -j REDIRECT 8080\n-A input -p 17 -j REDIRECT 8080\n-A input -j DENY\n",
         "only TCP and UDP"},
        {"-V", by_address, "-A input -i eth0 -p 6 -j ACCEPT\n", ""},
        {"-V of nothing known", nowhere, "", "left out"},
        {"-V of nothing known, with -W", by_both, "-A input -i ppp0 -p 6 -j ACCEPT\n", ""},
        {"-t of what is denied", tos_of_denied, "-A input -p 6 -j DENY\n", ""},
        {"-r of what is rejected", idle, "-A input -p 6 -j REJECT\n", ""},
    };
    for (const Case& c : cases) {
        INFO(c.what);
        const AsIpchains made = translate::to_ipchains(of_one_rule("input", c.rule));
        CHECK(saved(made) == fragments_pass("input") + c.rules);
        const std::string remark = c.remark;
        CHECK((made.remarks.size() > 1) == !remark.empty());
        CHECK(std::any_of(made.remarks.begin(), made.remarks.end(),
                          [&](const Remark& one) { return one.text.starts_with(remark); }));
    }
}

TEST_CASE("to ipchains: accounting") {
    Ruleset ruleset = Ruleset::empty(Dialect::ipfwadm);
    std::vector<Rule>& rules = ruleset.find("accounting")->rules;
    rules = {tcp(None{}), tcp(None{}), tcp(None{})};
    rules[0].direction = Direction::in;
    rules[1].direction = Direction::out;
    rules[2].syn = Flag::set;
    const AsIpchains made = translate::to_ipchains(ruleset);
    CHECK(saved(made) ==
          ":acct -\n-A input -j acct\n-A input -p 6\n-A output -j acct\n-A output -p 6\n"
          "-A acct -p 6 -y\n-A acct -p 6 -f\n");
    CHECK(made.remarks.empty());
}

TEST_CASE("to ipchains: accounting counts what output stops, and it is told") {
    Ruleset ruleset = of_one_rule("accounting", tcp(None{}));
    ruleset.find("output")->policy = Policy::deny;
    const AsIpchains made = translate::to_ipchains(ruleset);
    CHECK(std::any_of(made.remarks.begin(), made.remarks.end(), [](const Remark& one) {
        return one.text.starts_with("accounting rules count what output stops");
    }));
}

TEST_CASE("to ipchains: accounting counts second and later fragments") {
    Rule last = tcp(None{});
    last.destination_ports = {{{1, 65535}}, false, true};
    Rule all = tcp(None{});
    all.destination_ports = {{{0, 65535}}, false, true};
    Rule others = tcp(None{});
    others.destination_ports = {{{80, 80}}, false, false};
    Packet fragment;
    fragment.protocol = protocol_tcp;
    fragment.fragment_offset = 100;
    fragment.direction = Direction::in;
    for (const Rule& rule : {last, all, others}) {
        Ruleset ruleset = of_one_rule("accounting", rule);
        const Ruleset made = translate::to_ipchains(numbered(ruleset)).ruleset;
        ruleset = numbered(ruleset);
        CHECK(lines_of(made, evaluate(made, "input", fragment)) ==
              lines_of(ruleset, evaluate(ruleset, "accounting", fragment)));
    }
}
