// The way of a packet through chains: jumps, returns, policies, effects, and what is dropped
// unseen.
#include <catch2/catch.hpp>

#include "fw/evaluate.h"

using namespace fw;

namespace {

Packet udp() {
    Packet packet;
    packet.source = {0x0a000001};
    packet.destination = {0x0a000002};
    packet.protocol = protocol_udp;
    packet.source_port = 1025;
    packet.destination_port = 53;
    packet.interface = "eth0";
    packet.length = 28;
    return packet;
}

Rule to(const Target& target) {
    Rule rule;
    rule.target = target;
    return rule;
}

// input, forward and output with these rules in input, and the chains given.
Ruleset ruleset(std::vector<Rule> input, std::vector<Chain> chains = {}) {
    Ruleset made = Ruleset::empty();
    made.chains[0].rules = std::move(input);
    for (Chain& chain : chains) {
        made.chains.push_back(std::move(chain));
    }
    return made;
}

Chain chain(std::string name, std::vector<Rule> rules) {
    return {std::move(name), std::nullopt, {}, std::move(rules), {}};
}

std::vector<std::pair<std::size_t, std::size_t>> hits(const Decision& decision) {
    std::vector<std::pair<std::size_t, std::size_t>> all;
    for (const Hit& hit : decision.hits) {
        all.emplace_back(hit.chain, hit.rule);
    }
    return all;
}

using Hits = std::vector<std::pair<std::size_t, std::size_t>>;

}  // namespace

TEST_CASE("targets decide, go on, go away and come back") {
    struct {
        const char* what;
        Ruleset ruleset;
        Verdict verdict;
        Hits hits;
    } const table[] = {
        {"no rules: the policy", ruleset({}), Verdict::accept, {{0, Step::npos}}},
        {"a rule without target only counts",
         ruleset({Rule{}, to(Deny{})}),
         Verdict::deny,
         {{0, 0}, {0, 1}}},
        {"RETURN in a built-in chain is the policy",
         ruleset({to(Return{}), to(Deny{})}),
         Verdict::accept,
         {{0, 0}, {0, Step::npos}}},
        {"the end of a user chain goes back behind the jump",
         ruleset({to(Jump{"a"}), to(Reject{})}, {chain("a", {Rule{}})}),
         Verdict::reject,
         {{0, 0}, {3, 0}, {0, 1}}},
        {"RETURN in a user chain, too",
         ruleset({to(Jump{"a"}), to(Reject{})}, {chain("a", {to(Return{}), to(Deny{})})}),
         Verdict::reject,
         {{0, 0}, {3, 0}, {0, 1}}},
        {"the same chain twice is no loop",
         ruleset({to(Jump{"a"}), to(Jump{"a"}), to(Masquerade{})}, {chain("a", {})}),
         Verdict::masquerade,
         {{0, 0}, {0, 1}, {0, 2}}},
        {"a chain entered again while it is walked is one",
         ruleset({to(Jump{"a"})},
                 {chain("a", {to(Jump{"b"})}), chain("b", {Rule{}, to(Jump{"a"})})}),
         Verdict::loop,
         {{0, 0}, {3, 0}, {4, 0}, {4, 1}}},
    };
    for (const auto& row : table) {
        INFO(row.what);
        const Decision decision = evaluate(row.ruleset, "input", udp());
        CHECK(decision.verdict == row.verdict);
        CHECK(hits(decision) == row.hits);
        CHECK(decision.trace.empty());
    }
}

TEST_CASE("each policy decides, and counts where it does") {
    for (const auto& [policy, verdict] :
         {std::pair(Policy::accept, Verdict::accept), std::pair(Policy::deny, Verdict::deny),
          std::pair(Policy::reject, Verdict::reject),
          std::pair(Policy::masquerade, Verdict::masquerade)}) {
        Ruleset rules = Ruleset::empty();
        rules.chains[1].policy = policy;
        const Decision decision = evaluate(rules, "forward", udp());
        CHECK(decision.verdict == verdict);
        count(rules, decision, 28);
        count(rules, decision, 100);
        CHECK(rules.chains[1].policy_counters == Counters{2, 128});
    }
}

TEST_CASE("a check that starts in a user chain can pass through it") {
    const Ruleset rules = ruleset({}, {chain("a", {Rule{}, to(Return{}), to(Deny{})})});
    const Decision decision = evaluate(rules, "a", udp());
    CHECK(decision.verdict == Verdict::passed);
    CHECK(hits(decision) == Hits{{3, 0}, {3, 1}});
}

TEST_CASE("a redirect to port 0 goes to the packet's own port") {
    CHECK(evaluate(ruleset({to(Redirect{80})}), "input", udp()).port == 80);
    CHECK(evaluate(ruleset({to(Redirect{0})}), "input", udp()).port == 53);
}

TEST_CASE("a rule logs before it changes the packet, and copies it afterwards") {
    Rule rule;
    rule.log = true;
    rule.tos = {0x01, 0x10};
    rule.mark = Mark{5, false};
    rule.copy = 20;
    Rule second = rule;
    second.mark = Mark{0xffffffff, true};
    second.copy = 65535;
    Packet packet = udp();
    packet.tos = 0x0c;
    packet.mark = 7;
    const Decision decision = evaluate(ruleset({rule, second}), "input", packet);
    CHECK(decision.tos == 0x10);
    CHECK(decision.mark == 4);
    REQUIRE(decision.log.size() == 2);
    CHECK(decision.log[0] ==
          "Packet log: input - eth0 PROTO=17 10.0.0.1:1025 10.0.0.2:53 "
          "L=28 S=0x0C I=0 F=0x0000 T=64 (#1)");
    CHECK(decision.log[1] ==
          "Packet log: input - eth0 PROTO=17 10.0.0.1:1025 10.0.0.2:53 "
          "L=28 S=0x10 I=0 F=0x0000 T=64 (#2)");
    REQUIRE(decision.copies.size() == 2);
    CHECK(decision.copies[0].bytes == 20);
    CHECK(decision.copies[0].mark == 5);
    CHECK(decision.copies[0].tos == 0x10);
    CHECK(decision.copies[1].bytes == 28);
    CHECK(decision.copies[1].mark == 4);
}

TEST_CASE("forged fragments are dropped before any rule, and counted nowhere") {
    const Ruleset rules = ruleset({to(Accept{})});
    Packet second = udp();
    second.protocol = protocol_tcp;
    second.fragment_offset = 1;
    Packet first = udp();
    first.more_fragments = true;
    first.length = 27;
    for (const auto& [packet, said] : {std::pair(second, "Suspect TCP fragment."),
                                       std::pair(first, "Suspect short first fragment.")}) {
        const Decision decision = evaluate(rules, "input", packet);
        CHECK(decision.verdict == Verdict::deny);
        CHECK(decision.hits.empty());
        REQUIRE(decision.log.size() == 2);
        CHECK(decision.log[0] == said);
    }
    first.length = 28;
    CHECK(evaluate(rules, "input", first).verdict == Verdict::accept);
}

TEST_CASE("a loop says where it was found and how the packet got there") {
    const Ruleset rules =
        ruleset({to(Jump{"a"})}, {chain("a", {to(Jump{"b"})}), chain("b", {to(Jump{"a"})})});
    const std::vector<std::string> log = evaluate(rules, "input", udp()).log;
    REQUIRE(log.size() == 2);
    CHECK(log[0] == "IP firewall: Loop detected at `a'.");
    CHECK(log[1] == "Chain backtrace: b<-a<-input");
}

TEST_CASE("a trace has every rule that was looked at, and each end of a chain") {
    Rule other;
    other.protocol = {protocol_tcp};
    other.target = Deny{};
    const Ruleset rules = ruleset({other, to(Jump{"a"})}, {chain("a", {Rule{}})});
    const std::vector<Step> trace = evaluate(rules, "input", udp(), Tracing::on).trace;
    struct {
        const char* chain;
        std::size_t rule;
        bool matched;
        const char* reason;
    } const expected[] = {
        {"input", 0, false, "the protocol is udp, not tcp"},
        {"input", 1, true, ""},
        {"a", 0, true, ""},
        {"a", Step::npos, false, "back to chain input"},
        {"input", Step::npos, true, "policy ACCEPT"},
    };
    REQUIRE(trace.size() == std::size(expected));
    for (std::size_t i = 0; i < trace.size(); ++i) {
        CHECK(trace[i].chain == expected[i].chain);
        CHECK(trace[i].rule == expected[i].rule);
        CHECK(trace[i].matched == expected[i].matched);
        CHECK(trace[i].reason == expected[i].reason);
    }
}
