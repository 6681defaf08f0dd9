// From one ruleset to another: the fewest operations on the kernel's table.
#include <catch2/catch.hpp>

#include "compile/changes.h"
#include "compile/read_back.h"
#include "compile/table.h"
#include "loaded.h"
#include "nft/text.h"
#include "rulesets.h"

using namespace fw;

namespace {

// What a change makes of a table with these rules, as nft would be told.
std::vector<std::string> operations(const std::vector<std::string>& lines,
                                    const std::string& change) {
    const nft::KernelTable table = loaded(ruleset_of(lines));
    const Result<Ruleset> before = compile::read_back(table);
    REQUIRE(before);
    CHECK(*before == ruleset_of(lines));
    Ruleset after = *before;
    REQUIRE(fw::apply(after, change_of(change)));
    const auto transaction = compile::compile_changes(table, *before, after);
    REQUIRE(transaction);
    std::vector<std::string> out;
    const std::string text = nft::transaction_text(*transaction, "ipchains");
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = text.find('\n', at);
        out.push_back(text.substr(at, end - at));
        at = end + 1;
    }
    return out;
}

using Lines = std::vector<std::string>;
const Lines three = {"-A input -s 10.0.0.1 -j DENY", "-A input -s 10.0.0.2 -j DENY",
                     "-A input -s 10.0.0.3 -j DENY"};

}  // namespace

TEST_CASE("changes: one rule in, out or exchanged is one operation") {
    CHECK(operations(three, "-A input -s 10.0.0.4 -j DENY") ==
          Lines{"add rule ip ipchains input ip saddr 10.0.0.4 counter drop"});
    CHECK(operations(three, "-I input 2 -s 10.0.0.4 -j DENY") ==
          Lines{"insert rule ip ipchains input handle 2 ip saddr 10.0.0.4 counter drop"});
    CHECK(operations(three, "-I input 1 -s 10.0.0.4 -j DENY") ==
          Lines{"insert rule ip ipchains input handle 1 ip saddr 10.0.0.4 counter drop"});
    CHECK(operations(three, "-D input 2") == Lines{"delete rule ip ipchains input handle 2"});
    CHECK(operations(three, "-R input 3 -s 10.0.0.4 -j DENY") ==
          Lines{"replace rule ip ipchains input handle 3 ip saddr 10.0.0.4 counter drop"});
}

TEST_CASE("changes: nothing to do is no operation") {
    CHECK(operations(three, "-Z").empty());
    CHECK(operations({}, "-F").empty());
    CHECK(operations({}, "-P input ACCEPT").empty());
    CHECK(operations(three, "-R input 3 -s 10.0.0.3 -j DENY").empty());
}

TEST_CASE("changes: a policy is the last rule of each chain that ends with it") {
    const Lines input = operations({}, "-P input DENY");
    REQUIRE(input.size() == 1);
    CHECK(input[0].find("replace rule ip ipchains input.hook handle ") == 0);
    CHECK(operations({}, "-P output DENY").size() == 2);
}

TEST_CASE("changes: flushing touches the rules of that chain only") {
    const Lines flushed = operations(three, "-F input");
    CHECK(flushed.size() == 3);
    for (const std::string& line : flushed) {
        CHECK(line.find("delete rule ip ipchains input handle") == 0);
    }
}

TEST_CASE("changes: masquerading brings its chains, and takes them along") {
    const Lines added = operations({}, "-A forward -s 10.0.0.0/8 -j MASQ");
    CHECK(std::count(added.begin(), added.end(),
                     "add rule ip ipchains nat.masquerade ct label 126 masquerade") == 1);
    const Lines gone = operations({"-A forward -s 10.0.0.0/8 -j MASQ"}, "-D forward 1");
    CHECK(std::count(gone.begin(), gone.end(), "delete chain ip ipchains nat.masquerade") == 1);
}

// A jump into the chain from postrouting must be gone before there is a REJECT in it: the kernel
// may look at the table after each operation.
TEST_CASE("changes: a copy is in place before REJECT comes to where it must not be") {
    const Lines lines = {"-N foo", "-A output -j foo", "-A forward -j MASQ"};
    const Lines added = operations(lines, "-A foo -s 10.0.0.1 -j REJECT");
    const auto at = [&](const std::string& part) {
        return std::find_if(added.begin(), added.end(), [&](const std::string& line) {
            return line.find(part) != std::string::npos;
        });
    };
    REQUIRE(at("jump output.rewritten") != added.end());
    REQUIRE(at("counter reject") != added.end());
    CHECK(at("jump output.rewritten") < at("counter reject"));
    CHECK(at("jump foo.rewritten") < at("jump output.rewritten"));
}

TEST_CASE("changes: counters are cleared in every copy and part of a rule") {
    const Lines lines = {
        "-N foo",          "-A foo -s 10.0.0.1 -j REJECT", "-A output -j foo",
        "-A input -j foo", "-A forward -j MASQ",           "-A foo -i eth0 -j DENY"};
    nft::KernelTable table = loaded(ruleset_of(lines));
    std::size_t counted = 0;
    for (nft::KernelChain& chain : table.chains) {
        for (nft::KernelRule& rule : chain.rules) {
            if (rule.kind == nft::Kind::first || rule.kind == nft::Kind::more) {
                rule.counters = {1, 100};
                ++counted;
            }
        }
    }
    const Result<Ruleset> before = compile::read_back(table);
    REQUIRE(before);
    CHECK(before->find("foo")->rules[0].counters == Counters{2, 200});
    Ruleset after = *before;
    REQUIRE(fw::apply(after, Zero{}));
    const auto transaction = compile::compile_changes(table, *before, after);
    REQUIRE(transaction);
    std::size_t replaced = 0;
    for (const nft::Operation& operation : *transaction) {
        const auto* replace = std::get_if<nft::ReplaceRule>(&operation);
        REQUIRE(replace != nullptr);
        CHECK(nft::rule_text(replace->rule).find("packets") == std::string::npos);
        ++replaced;
    }
    CHECK(replaced == counted);
}

TEST_CASE("changes: what the copies of a chain counted stays when they go") {
    const Ruleset masqueraded =
        ruleset_of({"-A output -s 10.0.0.1 -j REJECT", "-A output -s 10.0.0.2",
                    "-A forward -j MASQ", "-P output REJECT"});
    nft::KernelTable table = loaded(masqueraded);
    for (nft::KernelChain& chain : table.chains) {
        for (nft::KernelRule& rule : chain.rules) {
            if (chain.name == "output" && rule.kind == nft::Kind::first) {
                rule.counters = {1, 100};
            } else if (chain.name == "output.rewritten" && rule.kind == nft::Kind::first) {
                rule.counters = {10, 1000};
            } else if (chain.name == "output.masqueraded" && rule.kind == nft::Kind::policy) {
                rule.counters = {5, 500};
            }
        }
    }
    const Result<Ruleset> before = compile::read_back(table);
    REQUIRE(before);
    Ruleset after = *before;
    REQUIRE(fw::apply(after, change_of("-F forward")));
    const auto transaction = compile::compile_changes(table, *before, after);
    REQUIRE(transaction);
    const std::string text = nft::transaction_text(*transaction, "ipchains");
    CHECK_THAT(text, Catch::Contains("ip saddr 10.0.0.1 counter packets 11 bytes 1100 reject"));
    CHECK_THAT(text, Catch::Contains("ip saddr 10.0.0.2 counter packets 11 bytes 1100\n"));
    // Two rules with the policy were there.
    CHECK_THAT(text, Catch::Contains("counter packets 10 bytes 1000 reject"));
    CHECK_THAT(text, Catch::Contains("delete chain ip ipchains output.rewritten"));
}

TEST_CASE("changes: a rule that logs carries its number, and only its log part is exchanged") {
    const Lines logged = {"-A input -s 10.0.0.1 -j DENY", "-A input -s 10.0.0.2 -l -j DENY",
                          "-A input -s 10.0.0.3 -j DENY"};
    CHECK(operations(logged, "-D input 1") ==
          Lines{"delete rule ip ipchains input handle 1",
                "replace rule ip ipchains input handle 2 ip saddr 10.0.0.2 limit rate 20/second "
                "burst 100 packets log prefix \"Packet log: input DENY (#1) \" level info"});
    CHECK(operations(logged, "-D input 3") == Lines{"delete rule ip ipchains input handle 4"});
    CHECK(operations(logged, "-I input 3 -s 10.0.0.4 -j DENY") ==
          Lines{"insert rule ip ipchains input handle 4 ip saddr 10.0.0.4 counter drop"});
}

TEST_CASE("changes: a copy that stays keeps its counts, one that goes leaves them behind") {
    // Chain `rej` has a copy for masqueraded packets, where REJECT is a drop.
    const Lines lines = {"-N rej", "-A rej -p tcp -d 0/0 113 -j REJECT", "-A output -j rej",
                         "-A forward -s 10.0.0.0/8 -j MASQ"};
    nft::KernelTable table = loaded(ruleset_of(lines));
    for (nft::KernelChain& chain : table.chains) {
        if (chain.name == "rej" || chain.name == "rej.rewritten") {
            chain.rules.front().counters = {chain.name == "rej" ? 3U : 4U, 100};
        }
    }
    const Result<Ruleset> before = compile::read_back(table);
    REQUIRE(before);
    CHECK(before->find("rej")->rules.front().counters == Counters{7, 200});

    const auto changed = [&](const std::string& line) {
        Ruleset after = *before;
        REQUIRE(fw::apply(after, change_of(line)));
        const auto transaction = compile::compile_changes(table, *before, after);
        REQUIRE(transaction);
        return nft::transaction_text(*transaction, "ipchains");
    };
    CHECK_THAT(changed("-D forward 1"), Catch::Contains("rej handle") &&
                                            Catch::Contains("counter packets 7 bytes 200 reject"));
    CHECK_THAT(changed("-A input -j rej"), !Catch::Contains("packets"));
    CHECK_THAT(changed("-Z rej"), !Catch::Contains("packets") &&
                                      Catch::Contains("counter reject") &&
                                      Catch::Contains("counter drop"));
}

TEST_CASE("changes: a policy keeps what it has counted, wherever it did") {
    nft::KernelTable table = loaded(ruleset_of({"-P forward MASQ"}));
    std::uint64_t packets = 0;
    for (const char* name : {"output.hook", "output.routed", "output.masqueraded"}) {
        for (nft::KernelChain& chain : table.chains) {
            for (nft::KernelRule& rule : chain.rules) {
                if (chain.name == name && rule.kind == nft::Kind::policy) {
                    rule.counters = {++packets, 10};
                }
            }
        }
    }
    const Result<Ruleset> before = compile::read_back(table);
    REQUIRE(before);
    REQUIRE(packets == 4);
    CHECK(before->find("output")->policy_counters == Counters{1 + 2 + 3 + 4, 40});

    const auto changed = [&](const std::string& line) {
        Ruleset after = *before;
        REQUIRE(fw::apply(after, change_of(line)));
        const auto transaction = compile::compile_changes(table, *before, after);
        REQUIRE(transaction);
        return nft::transaction_text(*transaction, "ipchains");
    };
    // The chain that counted 3 and 4 goes; the one that counted 2 keeps them.
    const std::string less = changed("-P forward ACCEPT");
    CHECK_THAT(less, Catch::Contains("output.hook handle") &&
                         Catch::Contains("counter packets 8 bytes 30 accept"));
    CHECK_THAT(less, !Catch::Contains("packets 2 ") && !Catch::Contains("packets 10 "));
    // A policy of its own: each place keeps its counts.
    const std::string other = changed("-P output DENY");
    CHECK_THAT(other, Catch::Contains("packets 1 bytes 10 drop") &&
                          Catch::Contains("packets 2 bytes 10 drop") &&
                          Catch::Contains("packets 3 bytes 10 drop") &&
                          Catch::Contains("packets 4 bytes 10 drop"));
}
