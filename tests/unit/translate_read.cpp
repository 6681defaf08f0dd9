// The reader of nft text: what is written reads back the same, and so does what nft lists of it.
#include "translate/read.h"

#include <catch2/catch.hpp>
#include <fstream>
#include <sstream>

#include "goldens.h"
#include "nft/text.h"
#include "parse_lines.h"
#include "translate/text.h"

namespace {

using fw::translate::read_table;
using fw::translate::Table;

std::string golden_text(const std::string& name) {
    std::ifstream file(std::string(FW_GOLDEN) + "/" + name + ".nft", std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

Table read(const std::string& text) {
    auto table = read_table(text, &recorded_names());
    INFO(text);
    INFO((table ? "" : table.error().word + ": " + table.error().problem));
    REQUIRE(table);
    return std::move(*table);
}

// As the tools would load it. The table has rules of expressions only.
fw::nft::Table managed(const Table& table) {
    fw::nft::Table result{"ipchains", table.maps, table.helpers, {}};
    for (const fw::translate::Chain& chain : table.chains) {
        auto& made = result.chains.emplace_back(fw::nft::Chain{chain.name, chain.base, {}});
        for (const fw::translate::Rule& rule : chain.rules) {
            fw::nft::Rule& one = made.rules.emplace_back();
            one.comment = rule.comment;
            for (const fw::translate::Statement& statement : rule.statements) {
                REQUIRE(std::holds_alternative<fw::nft::Expr>(statement));
                one.expressions.push_back(std::get<fw::nft::Expr>(statement));
            }
        }
    }
    return result;
}

// The one rule of a table that has a set, two maps, and a chain to jump to beside it.
std::string in_table(const std::string& rule) {
    return "table ip firewall {\n"
           "    set few {\n        type inet_service\n        elements = { 22, 80-90 }\n    }\n"
           "    map ports {\n        typeof tcp dport : verdict\n        flags interval\n"
           "        counter\n        elements = { 22 counter packets 1 bytes 40 : accept,\n"
           "                     80-90 comment \"web\" : jump other }\n    }\n"
           "    map inner { type ipv4_addr : ipv4_addr; size 65535; flags dynamic,timeout; "
           "timeout 15s; }\n"
           "    chain other {\n    }\n    chain input {\n"
           "        type filter hook prerouting priority mangle; policy drop;\n        " +
           rule + "\n    }\n}\n";
}

std::string only_rule(const std::string& text) {
    const std::string written = fw::translate::table_text(read(in_table(text)), recorded_names());
    const std::size_t start = written.find("policy drop;\n") + 13;
    const std::string line = written.substr(start, written.find('\n', start) - start);
    const std::size_t first = line.find_first_not_of(' ');
    return first == std::string::npos ? "" : line.substr(first);
}

}  // namespace

TEST_CASE("nft text: what the tools write reads back as it was") {
    for (const Golden& golden : goldens) {
        INFO(golden.name);
        const std::string text = golden_text(golden.name);
        CHECK(fw::nft::table_text(managed(read(text))) == text);
    }
}

TEST_CASE("nft text: a rule, as people write it and as nft lists it, reads as ours") {
    const std::vector<std::pair<const char*, const char*>> rules = {
        {"ip saddr 10.0.0.0/8 counter drop", ""},
        {"ip saddr 10.1.2.3/8 drop", "ip saddr 10.0.0.0/8 drop"},
        {"ip saddr != 10.0.0.1 drop", ""},
        {"ip saddr 10.0.0.1-10.0.0.9 accept", ""},
        {"ip saddr & 255.0.255.255 == 10.0.0.1 drop", ""},
        {"ip saddr { 10.0.0.0/8, 11.0.0.1-11.0.0.9 } accept", ""},
        {"ip saddr { 10.0.0.0/8 counter, 11.0.0.1 counter packets 3 bytes 4 } accept",
         "ip saddr { 10.0.0.0/8 counter, 11.0.0.1 counter } accept"},
        {"tcp dport 80 accept", ""},
        {"meta l4proto tcp tcp dport 80 accept", "tcp dport 80 accept"},
        {"meta l4proto { tcp, udp } accept", ""},
        {"ip protocol != { tcp, udp } accept", ""},
        {"ip protocol gre accept", "ip protocol 47 accept"},
        {"ip protocol 47 accept", ""},
        {"tcp dport http accept", ""},
        {"tcp dport != 1024-65535 drop", ""},
        {"tcp dport > 1023 drop", "tcp dport >= 1024 drop"},
        {"tcp dport <= 1023 drop", "tcp dport 0-1023 drop"},
        {"tcp dport { 22, 80-90 } accept", ""},
        {"tcp dport @few accept", "tcp dport { 22, 80-90 } accept"},
        {"tcp dport != @few accept", "tcp dport != { 22, 80-90 } accept"},
        {"tcp dport vmap { 22 : accept, 80-90 : jump other }", ""},
        {"tcp dport vmap @ports", ""},
        {"ip saddr . tcp dport { 10.0.0.0/8 . 80, 1.2.3.4 . 90-99 } accept", ""},
        {"iifname \"eth0\" oifname != \"ppp*\" accept", ""},
        {"iifname eth0 oifname ppp* accept", "iifname \"eth0\" oifname \"ppp*\" accept"},
        {"iifname { \"eth*\", \"ppp0\" } accept", ""},
        {"iifname \"eth\\*\" accept", ""},
        {"iif 0 accept", ""},
        {"tcp flags & (syn|ack|rst) == syn accept", "tcp flags & (syn|rst|ack) == syn accept"},
        {"tcp flags syn / syn,rst,ack accept", "tcp flags & (syn|rst|ack) == syn accept"},
        {"tcp flags != syn / fin,syn accept", "tcp flags & (fin|syn) != syn accept"},
        {"tcp flags & ack == ack accept", "tcp flags & (ack) == ack accept"},
        {"tcp flags syn,ack accept", "tcp flags & (syn|ack) != 0x0 accept"},
        {"tcp flags == syn accept", ""},
        {"ct state new,established accept", "ct state established,new accept"},
        {"ct state ! related accept", ""},
        {"ct status != confirmed / confirmed,snat,dnat ct label set 126 ct label 126 accept",
         "ct status & (confirmed|snat|dnat) != confirmed ct label set 126 ct label 126 accept"},
        {"ct status ! snat,dnat ct direction reply accept", ""},
        {"ct label ! 127 ct state related accept", ""},
        {"icmp type echo-request icmp code 0 accept", ""},
        {"icmp code host-unreachable accept", "icmp code 1 accept"},
        {"icmp type { echo-reply, echo-request } counter accept", ""},
        {"icmp type . icmp code { 3 . 3, destination-unreachable . frag-needed } accept",
         "icmp type . icmp code { destination-unreachable . 3, destination-unreachable . 4 } "
         "accept"},
        {"ip frag-off & 8191 == 0 accept", "ip frag-off & 0x1fff == 0x0 accept"},
        {"tcp window >= 0 accept", ""},
        {"@th,56,8 >= 0x0 accept", ""},
        {"ip dscp set cs1 ip ecn set ce", "ip dscp set 0x8 ip ecn set 3"},
        {"meta mark 0x00000005 meta mark set 7", "meta mark 0x5 meta mark set 0x7"},
        {"meta mark & 0x000000ff == 0x00000005 accept", "meta mark & 0xff == 0x5 accept"},
        {"mark 5 accept", "meta mark 0x5 accept"},
        {"meta mark set meta mark ^ 0xff", ""},
        {"meta mark set mark and 0xf0 xor 0x3", "meta mark set meta mark & 0xf0 ^ 0x3"},
        {"meta mark set meta mark & 0xff | 0x3", "meta mark set meta mark & 0xfc ^ 0x3"},
        {"log prefix \"a b \" level info", ""},
        {"log level info prefix \"a b \"", "log prefix \"a b \" level info"},
        {"log prefix \"x\" group 1 snaplen 20", ""},
        {"log group 1 snaplen 0", ""},
        {"limit rate 20/second burst 100 packets accept", ""},
        {"limit rate 3/second accept", "limit rate 3/second burst 5 packets accept"},
        {"counter packets 5 bytes 200 accept", ""},
        {"reject with icmp type port-unreachable", "reject"},
        {"reject with icmp port-unreachable", "reject"},
        {"fib daddr type local numgen inc mod 20 < 10 accept", ""},
        {"drop comment \"ipchains -A input -j DENY\"", ""},
        {"drop # handle 5", "drop"},
        {"jump other", ""},
        {"goto other", ""},
        {"ip daddr set 10.0.0.3", ""},
        {"udp dport 7000 ct label 126 delete @inner { ip daddr : ip saddr } add @inner { ip daddr "
         ": "
         "ip saddr }",
         ""},
    };
    for (const auto& [text, wanted] : rules) {
        INFO(text);
        const std::string expected = *wanted == '\0' ? text : wanted;
        CHECK(only_rule(text) == expected);
        CHECK(only_rule(expected) == expected);
    }
}

TEST_CASE("nft text: tables, priorities and comments") {
    const Table table = read(
        "#!/usr/sbin/nft -f\n# made by hand\n#\ntable ip firewall\ndelete table ip firewall\n"
        "table ip firewall {\n    # what comes in\n    chain input {\n"
        "        type filter hook prerouting priority dstnat + 5; policy drop\n\n"
        "        # of old\n        accept; drop\n    }\n"
        "    chain out { type nat hook postrouting priority srcnat - 10; }\n"
        "    ct helper h { type \"ftp\" protocol tcp; l3proto ip; }\n}\n"
        "table firewall {\n    chain input {\n        reject\n    }\n}\n");
    CHECK(table.name == "firewall");
    CHECK(table.above == std::vector<std::string>{"made by hand", ""});
    REQUIRE(table.chains.size() == 2);
    CHECK(table.chains[0].above == std::vector<std::string>{"what comes in"});
    CHECK(table.chains[0].base->priority == -95);
    CHECK(table.chains[0].drops);
    REQUIRE(table.chains[0].rules.size() == 3);
    CHECK(table.chains[0].rules[0].above == std::vector<std::string>{"of old"});
    CHECK(table.chains[1].base->priority == 90);
    CHECK(table.chains[1].base->type == fw::nft::BaseType::nat);
    CHECK(table.helpers == std::vector<fw::nft::HelperObject>{{"h", "ftp", 6}});
}

TEST_CASE("nft text: what is not understood is an error with its line and the word") {
    struct Bad {
        const char* rule;
        const char* word;
    };
    const std::vector<Bad> lines = {
        {"ip ttl 5 accept", "ip"},
        {"tcp dport ninety accept", "ninety"},
        {"tcp dport 65536 accept", "65536"},
        {"tcp dport 90-80 accept", "accept"},
        {"ip saddr 10.0.0 accept", "10.0.0"},
        {"ip saddr 10.0.0.0/33 accept", "33"},
        {"ip saddr & 255.0.0.0 == 10.0.0.1 accept", "accept"},
        {"meta l4proto udp tcp dport 80 accept", "80"},
        {"accept counter", "counter"},
        {"jump nowhere", "nowhere"},
        {"jump input", "input"},
        {"tcp dport @none accept", "none"},
        {"udp dport vmap @ports", "ports"},
        {"ct state == new accept", "accept"},
        {"ct mark 5 accept", "ct"},
        {"limit rate 3/minute accept", "minute"},
        {"limit rate over 3/second drop", "over"},
        {"log level warn", "warn"},
        {"reject with tcp reset", "tcp"},
        {"counter name foo accept", "name"},
        {"tcp dport { 22, 80 accept", "accept"},
        {"drop comment \"no end", "\""},
        {"drop $it", "$"},
        {"drop \x80", "an odd byte"},
        {"queue", "queue"},
    };
    for (const Bad& bad : lines) {
        INFO(bad.rule);
        const auto table = read_table(in_table(bad.rule), &recorded_names());
        REQUIRE_FALSE(table);
        CHECK(table.error().code == fw::Code::usage);
        CHECK(table.error().problem.substr(0, table.error().problem.find(": ")) == bad.word);
        CHECK(table.error().word == "line 18");
    }
    for (const char* text :
         {"", "table inet x { }", "table ip a { }\ntable ip b { }\n", "table ip a {",
          "table ip a { chain c {", "table ip a { chain c { accept", "include \"x\"",
          "define a = 5", "table ip a { set s { elements = { 1 } } }\ntable ip a { set s { } }",
          "table ip a { chain c { policy drop; } }",
          "table ip a { chain c { type filter hook ingress priority 0; } }"}) {
        INFO(text);
        const auto table = read_table(text, nullptr);
        REQUIRE_FALSE(table);
        CHECK(table.error().word.starts_with("line "));
    }
}
