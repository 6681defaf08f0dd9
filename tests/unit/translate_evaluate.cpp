// What a table decides: one rule in a base chain with policy drop, and a packet that it lets
// through or not.
#include "translate/evaluate.h"

#include <catch2/catch.hpp>

#include "parse_lines.h"
#include "translate/read.h"

namespace {

using fw::nft::HookPoint;
using fw::translate::Decided;
using fw::translate::Passage;

fw::translate::Table table_of(const std::string& chains) {
    auto table = fw::translate::read_table("table ip t {\n" + chains + "}\n", &recorded_names());
    INFO((table ? "" : table.error().word + ": " + table.error().problem));
    REQUIRE(table);
    return std::move(*table);
}

constexpr const char* head = "type filter hook prerouting priority 0; policy drop\n";

// TCP 10.0.0.1:1025 -> 10.0.0.2:80, SYN, by eth0.
fw::Packet packet() {
    fw::Packet packet;
    packet.source = {0x0a000001};
    packet.destination = {0x0a000002};
    packet.protocol = fw::protocol_tcp;
    packet.source_port = 1025;
    packet.destination_port = 80;
    packet.tcp_flags = 0x02;
    return packet;
}

Decided decide(const std::string& chains, const Passage& passage) {
    const fw::translate::Table table = table_of(chains);
    const fw::translate::Evaluator evaluator(table);
    return evaluator.decide(passage, HookPoint::prerouting);
}

bool passes(const std::string& rules, const fw::Packet& packet, bool tracked = true) {
    Passage passage{packet, "eth0", ""};
    passage.connection.tracked = tracked;
    return decide("chain other { return; }\nchain c {\n" + std::string(head) + rules + "\n}\n",
                  passage)
               .verdict == Decided::Verdict::accept;
}

}  // namespace

TEST_CASE("nft evaluation: tests") {
    struct Case {
        const char* rule;
        bool passes;
    };
    const std::vector<Case> cases = {
        {"accept", true},
        {"drop", false},
        {"tcp dport 80 accept", true},
        {"tcp dport != 80 accept", false},
        {"udp dport 80 accept", false},
        {"tcp dport 79-80 accept", true},
        {"tcp dport { 22, 80-90 } accept", true},
        {"tcp dport != { 22, 80-90 } accept", false},
        {"tcp dport { 1, 2, 3, 4, 5, 6, 7, 8, 70-80, 90 } accept", true},
        {"tcp dport { 1, 2, 3, 4, 5, 6, 7, 8, 70-79, 90 } accept", false},
        {"ip saddr 10.0.0.0/8 accept", true},
        {"ip saddr & 255.0.0.255 == 10.0.0.1 accept", true},
        {"ip saddr . tcp dport { 10.0.0.0/8 . 80 } accept", true},
        {"ip saddr . tcp dport { 11.0.0.0/8 . 80, 10.0.0.0/8 . 81 } accept", false},
        {"tcp dport vmap { 22 : drop, 80 : accept }", true},
        {"tcp dport vmap { 22 : accept }", false},
        {"iifname \"eth*\" accept", true},
        {"iifname \"eth\" accept", false},
        {"oifname \"eth0\" accept", false},
        {"oifname != \"eth0\" accept", true},
        {"oif 0 accept", true},
        {"iif 0 accept", false},
        {"tcp flags & (syn|ack|rst) == syn accept", true},
        {"tcp flags ack accept", false},
        {"ct state new accept", true},
        {"ct direction original accept", true},
        {"ct label 5 accept", false},
        {"ct label ! 5 accept", true},
        {"ct label set 5 ct label 5 accept", true},
        {"meta mark set 0x5 meta mark 0x5 accept", true},
        {"meta mark set meta mark ^ 0x1 meta mark 0x1 accept", true},
        {"ip dscp set 0x4 ip dscp 0x4 accept", true},
        {"jump other\naccept", true},
        {"goto other\naccept", false},
        {"return\naccept", false},
        {"fib daddr type local accept", false},
        {"reject", false},
    };
    for (const Case& one : cases) {
        INFO(one.rule);
        CHECK(passes(one.rule, packet()) == one.passes);
    }
}

TEST_CASE("nft evaluation: a packet that ends too early, and fragments") {
    fw::Packet cut = packet();
    cut.length = 20 + 15;
    CHECK(passes("tcp dport 80 accept", cut));
    CHECK_FALSE(passes("tcp window >= 0 accept", cut));
    CHECK_FALSE(passes("tcp dport 80 tcp window >= 0 accept", cut));
    fw::Packet late = packet();
    late.fragment_offset = 185;
    CHECK_FALSE(passes("ip frag-off & 0x1fff == 0 accept", late));
    CHECK(passes("tcp dport 80 accept", late));  // the payload looks like a header
    CHECK(passes("ip frag-off & 0x1fff == 185 accept", late));
}

TEST_CASE("nft evaluation: what is not tracked has a state and nothing else") {
    CHECK(passes("ct state invalid accept", packet(), false));
    CHECK_FALSE(passes("ct label ! 5 accept", packet(), false));
    CHECK_FALSE(passes("ct status ! snat accept", packet(), false));
    CHECK_FALSE(passes("ct label set 5 ct label 5 accept", packet(), false));
}

TEST_CASE("nft evaluation: chains of a hook in order, and what they leave behind") {
    const fw::Packet seen = packet();
    const std::string chains =
        "chain late { type nat hook prerouting priority 10; policy accept; ct label 7 redirect to "
        ":3128; }\n"
        "chain early { type filter hook prerouting priority -10; policy accept;\n"
        "log prefix \"a \" level info\nlog group 1 snaplen 30\nct label set 7 accept\ndrop\n}\n"
        "chain between { type filter hook prerouting priority 0; policy drop; meta mark set 9 "
        "accept; }\n";
    const Decided decided = decide(chains, {seen, "eth0", ""});
    CHECK(decided.verdict == Decided::Verdict::accept);
    CHECK(decided.redirect == std::uint16_t{3128});
    CHECK(decided.mark == 9);
    CHECK(decided.log.size() == 1);
    REQUIRE(decided.copies.size() == 1);
    CHECK(decided.copies[0].bytes == 30);
}
