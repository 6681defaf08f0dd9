// Linux 2.0: recorded rulesets of ipfwadm, and for each the verdict, redirect port, TOS and log
// lines of its packets, and the counters after the last one; and what is said of packets and rules.
#include <catch2/catch.hpp>
#include <functional>

#include "evaluate/match.h"
#include "file_names.h"
#include "fw/evaluate.h"
#include "fw/packet_log.h"
#include "kernel/packet_bytes.h"
#include "packet_options.h"
#include "proc20.h"
#include "recorded.h"

using namespace fw;

namespace {

// The rules with their counters at the end. Where no interface had the address of -V, Linux 2.0 met
// no packet, whatever -W said; ours goes by the name, then. So that the two can be compared, the
// address is on an interface that no packet comes by.
Ruleset behind_packets(const recorded::Packets& recorded) {
    Ruleset ruleset = read_proc20(recorded.proc20, recorded_names());
    for (Chain& chain : ruleset.chains) {
        for (Rule& rule : chain.rules) {
            if (rule.interface.address && rule.interface.device.empty()) {
                rule.interface.device = "elsewhere";
            }
        }
    }
    return ruleset;
}

Ruleset before_packets(Ruleset ruleset) {
    for (Chain& chain : ruleset.chains) {
        for (Rule& rule : chain.rules) {
            rule.counters = {};
        }
    }
    return ruleset;
}

void check_packet(Ruleset& ruleset, const recorded::Packet& recorded) {
    const auto request = packets::parse_packet_options(recorded.arguments);
    REQUIRE(request.ok());
    const Decision decision = evaluate(ruleset, request->hook, request->packet);
    count(ruleset, decision, request->packet.length);
    CHECK(packets::verdict_name(decision.verdict) == recorded.verdict);
    CHECK(decision.port == recorded.port);
    CHECK(decision.tos == recorded.tos);
    CHECK(decision.log == recorded.log);
}

// What the kernel of today hands over about a recorded line's packet, with the rule's prefix.
LoggedPacket logged(const packets::PacketRequest& request, const std::string& line) {
    LoggedPacket packet;
    packet.bytes = packets::to_bytes(request.packet);
    packet.prefix = line.substr(0, line.find(request.packet.interface + " "));
    const bool arrives = request.hook == "input" || request.packet.direction == Direction::in;
    packet.hook = arrives ? Hook::prerouting : Hook::postrouting;
    (arrives ? packet.in : packet.out) = request.packet.interface;
    return packet;
}

// 10.0.0.1:1025 -> 10.0.0.2:80, TCP with ACK, at eth0; and what differs.
Packet packet(const std::vector<std::string>& words = {}) {
    const auto request = packets::parse_packet_options(words);
    REQUIRE(request.ok());
    return request->packet;
}

Rule rule(const std::function<void(Rule&)>& change) {
    Rule made;
    change(made);
    return made;
}

Ruleset with_rule(std::string_view chain, const Rule& rule) {
    Ruleset ruleset = Ruleset::empty(Dialect::ipfwadm);
    ruleset.find(chain)->rules.push_back(rule);
    return ruleset;
}

}  // namespace

TEST_CASE("ipfwadm: every recorded packet meets its fate", "[recorded]") {
    std::size_t packets = 0;
    for (const recorded::Packets& recorded : recorded::ipfwadm_packets()) {
        INFO(recorded.id);
        const Ruleset end = behind_packets(recorded);
        Ruleset ruleset = before_packets(end);
        for (const recorded::Packet& packet : recorded.packets) {
            std::string words;
            for (const std::string& word : packet.arguments) {
                words += word + " ";
            }
            INFO(words);
            check_packet(ruleset, packet);
            ++packets;
        }
        CHECK(ruleset == end);
    }
    CHECK(packets == 6000);
}

TEST_CASE("ipfwadm: recorded log lines come from the bytes of their packets", "[log][recorded]") {
    std::size_t lines = 0;
    for (const recorded::Packets& recorded : recorded::ipfwadm_packets()) {
        for (const recorded::Packet& packet : recorded.packets) {
            const auto request = packets::parse_packet_options(packet.arguments);
            REQUIRE(request.ok());
            if (request->packet.protocol == protocol_icmp && request->packet.length == 20) {
                continue;  // the recorder's memory held an ICMP type behind it, none would come
            }
            for (const std::string& line : packet.log) {
                CHECK(print_log_line(logged(*request, line)) == line);
                ++lines;
            }
        }
    }
    CHECK(lines == 206);
}

TEST_CASE("ipfwadm: the hook tells the way that accounting's prefix leaves open", "[log]") {
    LoggedPacket logged;
    logged.prefix = "IP acct ";
    logged.bytes = packets::to_bytes(packet());
    logged.in = "eth0";
    logged.out = "eth1";
    const std::string fields = " TCP 10.0.0.1:1025 10.0.0.2:80 L=40 S=0x00 I=1 F=0x0000 T=64";
    CHECK(print_log_line(logged) == "IP acct in eth0" + fields);
    logged.hook = Hook::postrouting;
    CHECK(print_log_line(logged) == "IP acct out eth1" + fields);
}

TEST_CASE("ipfwadm: words of the log for targets", "[log]") {
    struct {
        Target target;
        std::optional<std::uint16_t> idle_redirect;
        std::string word;
    } const table[] = {
        {Accept{}, {}, "acc"},
        {Deny{}, {}, "deny"},
        {Deny{}, 80, "deny"},
        {Reject{}, {}, "rej"},
        {Masquerade{}, {}, "acc/masq"},
        {Redirect{}, {}, "acc/r0"},
        {Redirect{8080}, {}, "acc/r8080"},
    };
    for (const auto& row : table) {
        Rule logging;
        logging.log = true;
        logging.target = row.target;
        logging.idle_redirect = row.idle_redirect;
        const Decision decision = evaluate(with_rule("input", logging), "input", packet());
        REQUIRE(decision.log.size() == 1);
        CHECK(decision.log[0].starts_with("IP fw-in " + row.word + " eth0 TCP "));
    }
}

TEST_CASE("ipfwadm: a rule is met or says which part of it was not") {
    struct Row {
        const char* what;
        Rule rule;
        Packet packet;
        std::string reason;  // "" for a match
    };
    const auto syn = [](Rule& r) { r.syn = Flag::set; };
    const auto ack = [](Rule& r) { r.ack = true; };
    const auto web = [](Rule& r) {
        r.protocol = {protocol_tcp};
        r.destination_ports = {{{80, 80}}};
    };
    const auto via = [](const char* name, const char* device) {
        return [name, device](Rule& r) {
            r.interface = {name, *name == 0, false, Address{0x01020304}, device};
        };
    };
    const Row rows[] = {
        {"-y and a SYN", rule(syn), packet({"--syn"}), ""},
        {"-y and a reply", rule(syn), packet(),
         "it does not open a TCP connection (SYN without ACK and RST)"},
        {"-y and UDP", rule(syn), packet({"--proto", "udp"}), ""},
        {"-y and a fragment", rule(syn), packet({"--frag", "9"}), ""},
        {"-k and a SYN", rule(ack), packet({"--syn"}), "it is not TCP with ACK or RST set"},
        {"-k and a RST", rule(ack), packet({"--tcpflags", "04"}), ""},
        {"-k and ICMP", rule(ack), packet({"--proto", "icmp"}), ""},
        {"a fragment has port 65535", rule(web), packet({"--frag", "9"}),
         "it is a fragment, whose destination port counts as 65535, not 80"},
        {"and meets rules that ask for it", rule([](Rule& r) {
             r.protocol = {protocol_udp};
             r.source_ports = {{{1024, 65535}}};
         }),
         packet({"--proto", "udp", "--frag", "9"}), ""},
        {"an ICMP fragment has type 255", rule([](Rule& r) {
             r.protocol = {protocol_icmp};
             r.source_ports = {{{255, 255}}};
         }),
         packet({"--proto", "icmp", "--frag", "9"}), ""},
        {"both ways, ICMP types are no ports", rule([](Rule& r) {
             r.two_way = true;
             r.protocol = {protocol_icmp};
             r.source = {{0x0a000002}, {0xffffffff}};
             r.source_ports = {{{8, 8}}};
         }),
         packet({"--proto", "icmp"}), ""},
        {"-V and the interface that has the address", rule(via("", "eth0")), packet(), ""},
        {"-V and another", rule(via("", "eth1")), packet(),
         "the interface is eth0, not eth1, the one with address 1.2.3.4"},
        {"-V that no interface has", rule(via("", "")), packet(),
         "the interface is eth0, not the one with address 1.2.3.4"},
        {"-V that no interface has, and -W", rule(via("eth0", "")), packet(), ""},
        {"-V and -W, both", rule(via("eth0", "eth0")), packet(), ""},
        {"-V and -W, not the same", rule(via("eth1", "eth0")), packet(),
         "the interface is eth0, not eth1"},
        {"-W and -V, not the same", rule(via("eth0", "eth1")), packet(),
         "the interface is eth0, not eth1, the one with address 1.2.3.4"},
        {"counts what arrives", rule([](Rule& r) { r.direction = Direction::in; }),
         packet({"--hook", "acctin"}), ""},
        {"counts what arrives, not what leaves", rule([](Rule& r) { r.direction = Direction::in; }),
         packet({"--hook", "acctout"}), "the rule is for the other direction of travel"},
    };
    for (const Row& row : rows) {
        INFO(row.what);
        const evaluation::PacketView view = evaluation::view(row.packet, Dialect::ipfwadm);
        const evaluation::Part part = evaluation::unmet(row.rule, view);
        CHECK(evaluation::explain(part, row.rule, view) == row.reason);
        CHECK((part == evaluation::Part::none) == row.reason.empty());
    }
}

TEST_CASE("ipfwadm: packets about which no rule is asked") {
    struct Row {
        std::vector<std::string> words;
        Verdict verdict;
        std::string reason;  // "" where the rule denies it
    };
    const Row rows[] = {
        {{"--frag", "1"},
         Verdict::deny,
         "dropped before any rule: a fragment that could rewrite ports"},
        {{"--frag", "2"},
         Verdict::accept,
         "let through before any rule: a second or later fragment"},
        {{"--frag", "2", "--len", "21"},
         Verdict::accept,
         "let through before any rule: a second or later fragment"},
        {{"--proto", "icmp", "--frag", "1"},
         Verdict::accept,
         "let through before any rule: a second or later fragment"},
        {{"--proto", "47", "--frag", "1"}, Verdict::deny, ""},
        {{"--len", "35"},
         Verdict::deny,
         "dropped before any rule: it ends before its ports and flags"},
        {{"--proto", "udp", "--len", "27"},
         Verdict::deny,
         "dropped before any rule: it ends before its ports and flags"},
        {{"--proto", "icmp", "--len", "20"}, Verdict::deny, ""},
        {{"--hook", "acctin", "--frag", "1"},
         Verdict::accept,
         "not counted: a fragment that could rewrite ports"},
        {{"--hook", "acctin", "--len", "35"},
         Verdict::accept,
         "not counted: it ends before its ports and flags"},
    };
    Ruleset ruleset = with_rule("input", rule([](Rule& r) { r.target = Deny{}; }));
    ruleset.find(accounting_chain)->rules.emplace_back();
    for (const Row& row : rows) {
        const auto request = packets::parse_packet_options(row.words);
        REQUIRE(request.ok());
        INFO(row.reason);
        const Decision decision = evaluate(ruleset, request->hook, request->packet, Tracing::on);
        CHECK(decision.verdict == row.verdict);
        CHECK(decision.hits.empty() == !row.reason.empty());
        CHECK(decision.log.empty());
        REQUIRE(!decision.trace.empty());
        CHECK(decision.trace.back().reason == row.reason);
    }
}

TEST_CASE("ipfwadm: only what is let through gets another TOS") {
    struct {
        Target target;
        std::uint8_t tos;
    } const table[] = {
        {Accept{}, 0x10}, {Masquerade{}, 0x10}, {Redirect{}, 0x10}, {Deny{}, 8}, {Reject{}, 8},
    };
    for (const auto& row : table) {
        Rule changing;
        changing.tos = {0x01, 0x10};
        changing.target = row.target;
        const Decision decision =
            evaluate(with_rule("input", changing), "input", packet({"--tos", "08"}));
        CHECK(decision.tos == row.tos);
    }
}

TEST_CASE("ipfwadm: accounting goes on behind a match and counts no policy") {
    Ruleset ruleset = with_rule(accounting_chain, Rule{});
    ruleset.find(accounting_chain)->rules.emplace_back();
    const Decision decision = evaluate(ruleset, accounting_chain, packet({"--hook", "acctin"}));
    CHECK(decision.verdict == Verdict::accept);
    count(ruleset, decision, 40);
    const Chain& chain = *ruleset.find(accounting_chain);
    CHECK(chain.rules[0].counters == Counters{1, 40});
    CHECK(chain.rules[1].counters == Counters{1, 40});
    CHECK(chain.policy_counters == Counters{});
}
