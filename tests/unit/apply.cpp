// Changes of a ruleset in memory: what is refused, in which words, and that nothing is half done.
#include <catch2/catch.hpp>

#include "rulesets.h"

using namespace fw;

namespace {

const std::vector<std::string> some_rules = {
    "-N foo", "-N bar", "-A input -s 10.0.0.1 -j DENY", "-A input -j foo", "-A foo -j bar",
};

bool says(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("apply: what can't be done is refused with word, problem and remedy") {
    const struct {
        const char* line;
        const char* word;
        const char* problem;
        const char* remedy;
    } rows[] = {
        {"-A nope -j DENY", "nope", "no chain", "`ipchains -"},
        {"-A INPUT -j DENY", "INPUT", "no chain", "input"},
        {"-A input -j nope", "nope", "no target or chain", "-N nope"},
        {"-A input -j accept", "accept", "no target or chain", "ACCEPT"},
        {"-A input -j DROP", "DROP", "no target or chain", "DENY"},
        {"-A input -j output", "output", "built-in", "chain of your own"},
        {"-A bar -j foo", "", "loop", "elsewhere"},
        {"-I input 4 -j DENY", "4", "no rule of this number", "1 to 2"},
        {"-R input 3 -j DENY", "3", "no rule of this number", "1 to 2"},
        {"-D bar 1", "1", "no rule of this number", "no rules"},
        {"-F nope", "nope", "no chain", "`ipchains -"},
        {"-N foo", "foo", "exists", "-F foo"},
        {"-X input", "input", "built-in", "-F input"},
        {"-X foo", "foo", "has rules", "-F foo"},
        {"-X bar", "bar", "jump to this chain", "-L -n"},
    };
    for (const auto& row : rows) {
        INFO(row.line);
        Ruleset ruleset = ruleset_of(some_rules);
        const Ruleset before = ruleset;
        const Result<Outcome> outcome = fw::apply(ruleset, change_of(row.line));
        REQUIRE_FALSE(outcome);
        const Error& error = outcome.error();
        CHECK(error.code == Code::refused);
        if (*row.word != '\0') {
            CHECK(error.word == row.word);
        }
        INFO(error.problem << "; " << error.remedy);
        CHECK(says(error.problem, row.problem));
        CHECK(says(error.remedy, row.remedy));
        CHECK(error.problem.find('\n') == std::string::npos);
        CHECK(ruleset == before);
    }
}

TEST_CASE("apply: several rules go in together or not at all") {
    Ruleset ruleset = ruleset_of(some_rules);
    const Ruleset before = ruleset;
    Rule good;
    Rule bad;
    bad.target = Jump{"nope"};
    for (const Change& change :
         {Change(Append{"input", {good, bad}}), Change(Insert{"input", 1, {good, bad}})}) {
        CHECK_FALSE(fw::apply(ruleset, change));
        CHECK(ruleset == before);
    }
    REQUIRE(fw::apply(ruleset, Append{"input", {good, good}}));
    CHECK(ruleset.find("input")->rules.size() == 4);
}

TEST_CASE("apply: several rules inserted at once stand in reverse") {
    Ruleset ruleset = ruleset_of({"-A input -j DENY"});
    Rule a;
    a.log = true;
    Rule b;
    b.copy = 1;
    REQUIRE(fw::apply(ruleset, Insert{"input", 1, {a, b}}));
    CHECK(ruleset.find("input")->rules[0] == b);
    CHECK(ruleset.find("input")->rules[1] == a);
}

TEST_CASE("apply: deleting all chains deletes those that can go, and complains of the rest") {
    Ruleset ruleset = ruleset_of({"-N used", "-N free", "-A input -j used"});
    const Result<Outcome> outcome = fw::apply(ruleset, DeleteChain{});
    REQUIRE(outcome);
    REQUIRE(outcome->complaint);
    CHECK(outcome->complaint->word == "used");
    CHECK(ruleset.find("free") == nullptr);
    CHECK(ruleset.find("used") != nullptr);
}

TEST_CASE("apply: replacing keeps the counters, clearing spares those of policies") {
    Ruleset ruleset = ruleset_of({"-A input -s 10.0.0.1 -j DENY"});
    ruleset.chains[0].rules[0].counters = {5, 500};
    ruleset.chains[0].policy_counters = {7, 700};
    REQUIRE(fw::apply(ruleset, change_of("-R input 1 -s 10.0.0.2 -j DENY")));
    CHECK(ruleset.chains[0].rules[0].counters == Counters{5, 500});
    REQUIRE(fw::apply(ruleset, Zero{}));
    CHECK(ruleset.chains[0].rules[0].counters == Counters{});
    CHECK(ruleset.chains[0].policy_counters == Counters{7, 700});
}

TEST_CASE("apply: other programs' rules keep their neighbours") {
    Ruleset ruleset = ruleset_of({"-A input -s 10.0.0.1", "-A input -s 10.0.0.2"});
    ruleset.chains[0].foreign = {{100, 0}, {101, 1}, {102, 2}};
    const auto places = [&] {
        std::vector<std::size_t> before;
        for (const ForeignRule& foreign : ruleset.chains[0].foreign) {
            before.push_back(foreign.before);
        }
        return before;
    };
    using Places = std::vector<std::size_t>;
    REQUIRE(fw::apply(ruleset, change_of("-A input -s 10.0.0.3")));
    CHECK(places() == Places{0, 1, 2});
    REQUIRE(fw::apply(ruleset, change_of("-I input 2 -s 10.0.0.4")));
    CHECK(places() == Places{0, 1, 3});
    REQUIRE(fw::apply(ruleset, change_of("-D input 1")));
    CHECK(places() == Places{0, 0, 2});
    const Result<Outcome> flushed = fw::apply(ruleset, change_of("-F input"));
    REQUIRE(flushed);
    CHECK(flushed->foreign_removed == 3);
    CHECK(ruleset.chains[0].foreign.empty());
}

TEST_CASE("apply: a loop that no packet can reach is allowed, as nf_tables does") {
    Ruleset ruleset = ruleset_of({"-N a", "-N b", "-A a -j b"});
    CHECK(fw::apply(ruleset, change_of("-A b -j a")));
    CHECK_FALSE(fw::apply(ruleset, change_of("-A input -j a")));
}
