// Rules of ipfwadm as a table in nft's language: recorded rulesets decide as they did, and what is
// said of them is true.
#include <catch2/catch.hpp>
#include <map>

#include "compile/table.h"
#include "fw/translate.h"
#include "nft/text.h"
#include "translate/examine.h"
#include "unit/file_names.h"
#include "unit/proc20.h"
#include "unit/recorded.h"
#include "unit/rounds.h"

namespace {

void check(const fw::Ruleset& ruleset, const std::string& text, std::uint64_t& packets) {
    const auto checked = fw::verify_translation(ruleset, text);
    REQUIRE(checked);
    for (const std::string& difference : checked->differences) {
        FAIL_CHECK(difference);
    }
    packets += checked->packets;
}

std::string translated(const fw::Ruleset& ruleset, bool optimize) {
    fw::TranslateOptions options;
    options.optimize = optimize;
    const auto made = fw::translate_ruleset(ruleset, options, recorded_names());
    REQUIRE(made);
    return made->text;
}

}  // namespace

TEST_CASE("translate: recorded rulesets of ipfwadm decide the same in nft", "[recorded]") {
    std::uint64_t packets = 0;
    unsigned number = 0;
    for (const recorded::Packets& recorded : recorded::ipfwadm_packets()) {
        if (number == rounds(300)) {
            break;
        }
        INFO(recorded.id);
        const fw::Ruleset ruleset = read_proc20(recorded.proc20, recorded_names());
        switch (number++ % 12) {
            case 0: check(ruleset, translated(ruleset, false), packets); break;
            case 1: check(ruleset, translated(ruleset, true), packets); break;
            case 2: {
                const auto table = fw::compile::compile_table(ruleset);
                REQUIRE(table);
                check(ruleset, fw::nft::table_text(*table), packets);
                break;
            }
            default: break;  // each of the three takes a while
        }
    }
    CHECK(packets > rounds(100'000));
}

TEST_CASE("translate: no packet was recorded that met a rule of which it is said that none does",
          "[recorded]") {
    std::size_t told = 0;
    for (const recorded::Packets& recorded : recorded::ipfwadm_packets()) {
        INFO(recorded.id);
        fw::Ruleset ruleset = read_proc20(recorded.proc20, recorded_names());
        std::map<std::uint32_t, std::uint64_t> packets;
        for (fw::Chain& chain : ruleset.chains) {
            for (fw::Rule& rule : chain.rules) {
                rule.line.number = static_cast<std::uint32_t>(packets.size() + 1);
                packets[rule.line.number] = rule.counters.packets;
            }
        }
        for (const fw::Remark& remark : fw::translate::examine(ruleset)) {
            if (remark.text.starts_with("no packet meets the rule")) {
                INFO(remark.line << ": " << remark.text);
                CHECK(packets[remark.line] == 0);
                ++told;
            }
        }
    }
    CHECK(told > 20);
}

TEST_CASE("translate: what is said of rules of ipfwadm") {
    using namespace fw;
    const auto tcp = [](Target target, std::vector<PortRange> ports) {
        Rule rule;
        rule.protocol.number = protocol_tcp;
        rule.target = std::move(target);
        rule.destination_ports.ranges = std::move(ports);
        return rule;
    };
    Rule flags_of_all;
    flags_of_all.target = Accept{};
    flags_of_all.syn = Flag::set;
    Rule both_ways = tcp(Accept{}, {});
    both_ways.two_way = true;
    both_ways.source = {{0x0a000000}, {0xff000000}, false};
    Rule one_way = both_ways;
    one_way.two_way = false;
    Rule excluded = tcp(Accept{}, {});
    excluded.syn = Flag::set;
    excluded.ack = true;
    struct {
        const char* what;
        std::vector<Rule> rules;
        bool told;  // of the last
    } const cases[] = {
        {"some of the ports", {tcp(Accept{}, {{80, 90}, {21, 21}}), tcp(Deny{}, {{21, 21}})}, true},
        {"one more port", {tcp(Accept{}, {{80, 90}}), tcp(Deny{}, {{80, 80}, {91, 91}})}, false},
        {"-y of all, and TCP", {flags_of_all, tcp(Deny{}, {})}, false},
        {"-y and -k", {excluded}, true},
        {"a rule of two ways", {one_way, both_ways}, false},
    };
    for (const auto& c : cases) {
        INFO(c.what);
        Ruleset ruleset = Ruleset::empty(Dialect::ipfwadm);
        ruleset.find("input")->rules = c.rules;
        CHECK(translate::examine(ruleset, {}).size() == (c.told ? 1 : 0));
    }
}
