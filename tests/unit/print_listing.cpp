// Listings and -v lines of hand-made rules: what no recording has.
#include <catch2/catch.hpp>

#include "fw/print.h"

using namespace fw;

namespace {

// Knows one host, network, service and protocol, and counts how often it is asked.
class FewNames final : public Names {
public:
    mutable int asked = 0;

    std::vector<Address> host(const std::string&) const override { return {}; }
    std::optional<Address> network(const std::string&) const override { return {}; }
    std::optional<std::uint16_t> service(const std::string&, std::string_view) const override {
        return {};
    }
    std::optional<std::uint16_t> protocol(const std::string&) const override { return {}; }
    std::optional<std::string> host_name(Address address) const override {
        return answer(address.value == 0x0a000001, "gate");
    }
    std::optional<std::string> network_name(Address address) const override {
        return answer(address.value == 0x0a000000, "inner");
    }
    std::optional<std::string> service_name(std::uint16_t port,
                                            std::string_view protocol) const override {
        return answer(port == 80 && protocol == "tcp", "http");
    }
    std::optional<std::string> protocol_name(std::uint16_t number) const override {
        return answer(number == 47, "gre");
    }
    std::optional<std::string> interface_with(Address) const override { return std::nullopt; }

private:
    std::optional<std::string> answer(bool known, const char* name) const {
        ++asked;
        return known ? std::optional<std::string>(name) : std::nullopt;
    }
};

Rule to(Target target) {
    Rule rule;
    rule.target = std::move(target);
    return rule;
}

Ruleset with_input(std::vector<Rule> rules) {
    Ruleset ruleset = Ruleset::empty();
    ruleset.chains[0].rules = std::move(rules);
    return ruleset;
}

std::string listing(const Ruleset& ruleset, Presentation show, const char* chain = "input") {
    return print_listing(ruleset, {chain, false}, show, FewNames());
}

std::string row(const Rule& rule, Presentation show) {
    const std::string text = listing(with_input({rule}), show);
    const std::size_t columns = text.find('\n') + 1;
    return text.substr(text.find('\n', columns) + 1);
}

constexpr Presentation numbers{true, false, false, false};
constexpr Presentation names{};

}  // namespace

TEST_CASE("another program's rules are listed in their places, without numbers") {
    Ruleset ruleset = with_input({to(Accept{}), to(Deny{})});
    ruleset.chains[0].foreign = {{7, 0}, {8, 1}, {9, 2}, {12, 5}};
    CHECK(listing(ruleset, {true, false, false, true}) ==
          "Chain input (policy ACCEPT):\n"
          "num  target     prot opt     source                destination           ports\n"
          "# foreign rule, handle 7 (nft -a list table ip ipchains)\n"
          "1    ACCEPT     all  ------  0.0.0.0/0            0.0.0.0/0             n/a\n"
          "# foreign rule, handle 8 (nft -a list table ip ipchains)\n"
          "2    DENY       all  ------  0.0.0.0/0            0.0.0.0/0             n/a\n"
          "# foreign rule, handle 9 (nft -a list table ip ipchains)\n"
          "# foreign rule, handle 12 (nft -a list table ip ipchains)\n");
}

TEST_CASE("a chain with nothing but another program's rules is not shown as empty") {
    Ruleset ruleset = Ruleset::empty();
    ruleset.chains[0].foreign = {{7, 0}};
    CHECK(listing(ruleset, numbers).find("handle 7") != std::string::npos);
}

TEST_CASE("a long chain name moves the columns behind it") {
    Ruleset ruleset = with_input({to(Jump{"a-chain-with-thirty-one-letters"})});
    ruleset.chains.push_back({"a-chain-with-thirty-one-letters", std::nullopt, {}, {}, {}});
    CHECK(row(ruleset.chains[0].rules[0], numbers) ==
          "a-chain-with-thirty-one-letters all  ------  0.0.0.0/0            0.0.0.0/0             "
          "n/a\n");
    CHECK(listing(ruleset, numbers, "a-chain-with-thirty-one-letters") ==
          "Chain a-chain-with-thirty-one-letters (1 references):\n");
}

TEST_CASE("counters keep to five columns, whatever they count") {
    struct {
        std::uint64_t count;
        const char* text;
    } const table[] = {
        {0, "    0 "},
        {99999, "99999 "},
        {100000, " 100K "},
        {100499, " 100K "},
        {100500, " 101K "},
        {9999499, "9999K "},
        {9999500, "  10M "},
        {9999499499, "9999M "},
        {9999499500, "  10G "},
        {9999500000000, "  10T "},
        {18446744073709551000U, "  18E "},
    };
    for (const auto& line : table) {
        Rule rule;
        rule.counters.packets = line.count;
        CHECK(row(rule, {true, true, false, false}).substr(0, 6) == line.text);
    }
}

TEST_CASE("names stand for what has one, and each is looked up once") {
    Rule rule;
    rule.source = {{0x0a000001}, {0xffffffff}};
    rule.destination = {{0x0a000000}, {0xff000000}};
    rule.protocol = {protocol_tcp};
    rule.source_ports = {{{80, 81}}};
    CHECK(row(rule, names) ==
          "-          tcp  ------  gate                 inner/8               http:81 ->   any\n");
    CHECK(row(rule, numbers) ==
          "-          tcp  ------  10.0.0.1             10.0.0.0/8            80:81 ->   *\n");

    const FewNames few;
    static_cast<void>(print_listing(with_input({100, rule}), {"input", false}, names, few));
    CHECK(few.asked == 5);  // 10.0.0.1; 10.0.0.0 as host and as network; two ports
}

TEST_CASE("option -n asks for no names but those of protocols") {
    Rule rule;
    rule.source = {{0x0a000001}, {0xffffffff}};
    rule.protocol = {47};
    const FewNames few;
    static_cast<void>(print_listing(with_input({100, rule}), {"input", false}, numbers, few));
    CHECK(few.asked == 1);
}

TEST_CASE("ICMP names are shown where they say the same as the numbers") {
    struct {
        PortMatch types;
        PortMatch codes;
        const char* text;
    } const table[] = {
        {{{{8, 8}}}, {}, "echo-request\n"},
        {{{{3, 3}}}, {}, "destination-unreachable\n"},
        {{{{3, 3}}}, {{{1, 1}}}, "host-unreachable\n"},
        {{{{3, 3}}}, {{{8, 8}}}, "3 ->   8\n"},
        {{{{3, 3}}}, {{{0, 1}}}, "3 ->   0:1\n"},
        {{{{8, 8}}, true}, {}, "!8 ->   any\n"},
        {{{{3, 3}}}, {{{1, 1}}, true}, "3 ->  !1\n"},
        {{{{8, 9}}}, {}, "8:9 ->   any\n"},
        {{}, {}, "any ->   any\n"},
    };
    for (const auto& line : table) {
        Rule rule;
        rule.protocol = {protocol_icmp};
        rule.source_ports = line.types;
        rule.destination_ports = line.codes;
        const std::string text = row(rule, names);
        CHECK(text.substr(text.rfind("anywhere") + 22 - (line.text[0] == '!' ? 1 : 0)) ==
              line.text);
    }
}

TEST_CASE("an absolute mark of 0 takes no column, as before") {
    Rule rule;
    rule.mark = Mark{0, false};
    CHECK(row(rule, {true, true, false, false}) == row(Rule{}, {true, true, false, false}));
}

TEST_CASE("option -v shows addresses and ports as numbers, and a wildcard with its +") {
    Rule rule;
    rule.source = {{0x0a000001}, {0xffffffff}};
    rule.protocol = {protocol_tcp, true};
    rule.destination_ports = {{{80, 80}}};
    rule.interface = {"ppp", true, true, {}};
    rule.copy = 65535;
    CHECK(print_rule(rule, FewNames()) ==
          "- !tcp opt    -----o tos 0xFF 0x00 !via ppp+    10.0.0.1 -> 0.0.0.0/0    * ->   80\n");
}

TEST_CASE("option -v tells what a change goes through") {
    Ruleset ruleset = Ruleset::empty();
    ruleset.chains.push_back({"a", std::nullopt, {}, {}, {}});
    struct {
        Change change;
        const char* text;
    } const table[] = {
        {Flush{"a"}, "Flushing chain `a'\n"},
        {Zero{"input"}, "Zeroing chain `input'\n"},
        {Zero{},
         "Zeroing chain `input'\nZeroing chain `forward'\nZeroing chain `output'\n"
         "Zeroing chain `a'\n"},
        {DeleteChain{}, "Deleting chain `a'\n"},
        {NewChain{"b"}, ""},
        {SetPolicy{"input", Policy::deny}, ""},
        {DeleteAt{"input", 1}, ""},
        {Append{"input", {Rule{}}},
         "-  all opt    ------ tos 0xFF 0x00  via *    0.0.0.0/0 -> 0.0.0.0/0    n/a\n"},
    };
    for (const auto& line : table) {
        CHECK(print_change(ruleset, line.change, FewNames()) == line.text);
    }
}

TEST_CASE("the ICMP list has every type with its other name, and codes below") {
    const std::string text = print_icmp_names();
    for (const char* line : {"\n0     echo-reply (pong)\n", "\n3/4     fragmentation-needed\n",
                             "\n8     echo-request (ping)\n", "\n18    address-mask-reply\n"}) {
        CHECK(text.find(line) != std::string::npos);
    }
}
