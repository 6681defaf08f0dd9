// Saved rules: how they are printed, and what becomes of a file.
#include "fw/saved.h"

#include <catch2/catch.hpp>
#include <ctime>
#include <random>
#include <string>
#include <vector>

#include "file_names.h"
#include "firewall.h"
#include "recorded.h"
#include "rulesets.h"

namespace {

// Answers the same for all chains, and remembers which were asked about.
class Answer final : public fw::AskToFlush {
public:
    explicit Answer(bool flush) : flush_(flush) {}
    bool flush(const std::string& chain) override {
        asked.push_back(chain);
        return flush_;
    }
    std::vector<std::string> asked;

private:
    bool flush_;
};

fw::Restored restore(fw::Ruleset& ruleset, const std::string& text,
                     const fw::RestoreOptions& options = {}, fw::AskToFlush* ask = nullptr) {
    return fw::restore(ruleset, text, options, recorded_names(), ask);
}

std::string saved(const fw::Ruleset& ruleset, bool counters = false) {
    return fw::print_saved(ruleset, std::nullopt, counters);
}

// What the text makes of an empty firewall, saved again; it must have no errors.
std::string through(const std::string& text, const fw::RestoreOptions& options = {}) {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    const fw::Restored restored = restore(ruleset, text, options);
    INFO(text);
    for (const fw::LineError& error : restored.errors) {
        INFO(error.line << ": " << error.error.word << ": " << error.error.problem);
        CHECK(false);
    }
    return saved(ruleset);
}

const std::string heads = ":input ACCEPT\n:forward ACCEPT\n:output ACCEPT\n";

// The rules of `lines` in input, without what every saved file begins with.
std::string rules_in_input(const std::string& lines) {
    const std::string text = through(lines);
    REQUIRE(text.starts_with(heads));
    return text.substr(heads.size());
}

// Whether the one error is that chains lead in a circle: the original let them, and the recordings
// have some.
bool only_loops(const fw::Restored& restored) {
    return restored.errors.size() == 1 &&
           restored.errors[0].error.problem.find("loop") != std::string::npos;
}

void same_again(const fw::Ruleset& ruleset) {
    const std::string first = saved(ruleset, true);
    fw::Ruleset again = fw::Ruleset::empty();
    const fw::Restored restored = restore(again, first, {.counters = true});
    if (only_loops(restored)) {
        return;
    }
    INFO(first);
    if (!restored.errors.empty()) {
        INFO(restored.errors.front().line << ": " << restored.errors.front().error.problem);
        REQUIRE(restored.errors.empty());
    }
    CHECK(saved(again, true) == first);
    REQUIRE(again.chains.size() == ruleset.chains.size());
    for (std::size_t i = 0; i < again.chains.size(); ++i) {
        fw::Chain chain = ruleset.chains[i];
        chain.foreign.clear();
        CHECK((again.chains[i] == chain));
    }
}

}  // namespace

TEST_CASE("rules are saved as numbers, in the recorded order", "[saved]") {
    struct {
        const char* typed;
        const char* line;
    } const cases[] = {
        {"-A input", "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0"},
        {"-A input -p tcp -d 10.0.0.0/8 www -y -l -j ACCEPT -i eth0",
         "-s 0.0.0.0/0.0.0.0 -d 10.0.0.0/255.0.0.0 80:80 -i eth0 -p 6 -j ACCEPT -l -y"},
        {"-A input -p udp -s ! 10.0.0.0/8 ! 5:7 -i ! ppp+ -j REJECT",
         "-s ! 10.0.0.0/255.0.0.0 ! 5:7 -d 0.0.0.0/0.0.0.0 -i ! ppp+ -p 17 -j REJECT"},
        {"-A input -p tcp -j REDIRECT -t 01 10",
         "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -p 6 -t 01 10 -j REDIRECT 0"},
        {"-A input -m 7 -o", "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -m 7 -o 65535"},
        {"-A input -m -1 -o 60 -l",
         "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -m +4294967295 -o 60 -l"},
        {"-A input -m 0", "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -m 0"},
        {"-A input -p ! tcp ! -f", "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -p ! 6 ! -f"},
        {"-A input -p icmp --icmp-type ping", "-s 0.0.0.0/0.0.0.0 8:8 -d 0.0.0.0/0.0.0.0 -p 1"},
        {"-A input -p tcp --sport ! 0:65535 ! -y",
         "-s 0.0.0.0/0.0.0.0 ! 0:65535 -d 0.0.0.0/0.0.0.0 -p 6 ! -y"},
        {"-A input -i +", "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0"},
        {"-A input -i ! +", "-s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -i ! +"},
    };
    for (const auto& one : cases) {
        CHECK(rules_in_input(one.typed) == "-A input " + std::string(one.line) + "\n");
    }
}

TEST_CASE("one chain can be saved alone", "[saved]") {
    const fw::Ruleset ruleset = ruleset_of({"-N foo", "-A foo -j DENY", "-A input -j foo"});
    CHECK(fw::print_saved(ruleset, "foo", false) ==
          ":foo -\n-A foo -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -j DENY\n");
}

TEST_CASE("counters are comments behind the lines that they belong to", "[saved]") {
    fw::Ruleset ruleset = ruleset_of({"-A output -j DENY", "-N foo", "-A foo"});
    ruleset.chains[0].policy_counters = {5, 300};
    ruleset.chains[2].rules[0].counters = {18446744073709551615U, 7};
    const std::string text = saved(ruleset, true);
    CHECK(text ==
          ":input ACCEPT\n# [5:300]\n:forward ACCEPT\n# [0:0]\n:output ACCEPT\n# [0:0]\n:foo -\n"
          "-A output -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -j DENY\n# [18446744073709551615:7]\n"
          "-A foo -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0\n# [0:0]\n");
    fw::Ruleset without = fw::Ruleset::empty();
    CHECK(restore(without, text).errors.empty());
    CHECK((without.chains[0].policy_counters == fw::Counters{}));
    CHECK((without.chains[2].rules[0].counters == fw::Counters{}));
    same_again(ruleset);
}

TEST_CASE("a comment with counters is about the line before it and no other", "[saved]") {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    const std::string text =
        "# [1:1]\n:input ACCEPT   # [2:2]\n-A input -j DENY\n# why this is here\n# [3:3]\n# [4:4]\n"
        "-A input -b -s 10.0.0.1 -d 10.0.0.2\n# [5:5]\n-F output\n# [6:6]\n";
    REQUIRE(restore(ruleset, text, {.counters = true}).errors.empty());
    CHECK((ruleset.chains[0].policy_counters == fw::Counters{2, 2}));
    CHECK((ruleset.chains[0].rules[0].counters == fw::Counters{3, 3}));
    CHECK((ruleset.chains[0].rules[1].counters == fw::Counters{}));
    CHECK((ruleset.chains[0].rules[2].counters == fw::Counters{}));
}

TEST_CASE("files as people wrote them by hand", "[saved]") {
    const std::string deny = "-A input -s 10.0.0.0/255.0.0.0 -d 0.0.0.0/0.0.0.0 -j DENY\n";
    for (const char* text : {
             "-A input -s 10.0.0.0/8 -j DENY",      // no newline at the end
             "-A input -s 10.0.0.0/8 -j DENY\r\n",  // DOS
             "\r\n  \t-A  input\t-j DENY -s 10.1.2.3/8   \r\n",
             "-j DENY -s 10.0.0.0/255.0.0.0 -A input\n",
             "# Firewall configuration\n\n   # indented\n-A input -s 10.0.0.0/8 -j DENY # why\n",
             "--append input --source 10.0.0.0/8 --jump DENY -d 0/0\n",
             ":input ACCEPT\n-F\n-X\n-P input ACCEPT\n-A input -s 10.0.0.0/8 -d any/0 -j DENY\n",
             "-A input -i \"eth0\" -j DENY\n-D input 1\n-I input -s 10.0.0.0/8 -j DENY\n",
         }) {
        CHECK(rules_in_input(text) == deny);
    }
}

TEST_CASE("policies may be numbers of the old kernel, a dash, or left out", "[saved]") {
    CHECK(through(":input 1\n:forward 4\n:output -1\n") ==
          ":input DENY\n:forward MASQ\n:output REJECT\n");
    CHECK(through(":input DENY\n:input 2\n:output DENY\n:output -\n:output\n") ==
          ":input ACCEPT\n:forward ACCEPT\n:output DENY\n");
}

TEST_CASE("an existing chain is asked about, or flushed, or left alone", "[saved]") {
    const fw::Ruleset before = ruleset_of({"-N foo", "-A foo -j DENY"});
    const std::string text = ":foo -\n-A foo -j ACCEPT\n";
    SECTION("flushed") {
        fw::Ruleset ruleset = before;
        Answer answer(true);
        REQUIRE(restore(ruleset, text, {}, &answer).errors.empty());
        CHECK(answer.asked == std::vector<std::string>{"foo"});
        CHECK((ruleset == ruleset_of({"-N foo", "-A foo -j ACCEPT"})));
    }
    SECTION("skipped, with all lines about it, wherever they stand") {
        fw::Ruleset ruleset = before;
        Answer answer(false);
        REQUIRE(restore(ruleset, text + "-F foo\n-I foo -j DENY\n", {}, &answer).errors.empty());
        CHECK((ruleset == before));
    }
    SECTION("nobody to ask") {
        fw::Ruleset ruleset = before;
        const fw::Restored restored = restore(ruleset, text);
        CHECK((ruleset == before));
        CHECK(restored.out == "Chain `foo' already exists. Skip or flush? [S/f]? ");
        CHECK(!restored.err.empty());
    }
    SECTION("-f") {
        fw::Ruleset ruleset = before;
        Answer answer(false);
        REQUIRE(restore(ruleset, text, {.flush = true}, &answer).errors.empty());
        CHECK(answer.asked.empty());
        CHECK((ruleset == ruleset_of({"-N foo", "-A foo -j ACCEPT"})));
    }
}

TEST_CASE("all errors of a file are found in one run, and nothing changes", "[saved]") {
    const fw::Ruleset before = ruleset_of({"-N foo", "-A foo -j DENY"});
    fw::Ruleset ruleset = before;
    const fw::Restored restored = restore(ruleset,
                                          "# a comment\r\n"
                                          "-A input -j nosuch\n"             // 2
                                          "-A input -p tcp --dport 99999\n"  // 3
                                          "-A input -j ACCEPT\n"             //
                                          ":input PERHAPS\n"                 // 5
                                          ":bar DENY\n"                      // 6
                                          "-A bar -j DENY\n"                 //
                                          "ipchains -A input\n"              // 8
                                          "*filter\n"                        // 9
                                          "-A input --state /tmp/x\n"        // 10
                                          "-M -L\n"                          // 11
                                          ":\n"                              // 12
                                          ":input ACCEPT [0:0]\n"            // 13
                                          "-D input -j REJECT\n"             // 14
                                          "-X foo\n"                         // 15
                                          "-A nowhere -j DENY\n",            // 16
                                          {});
    const std::vector<std::uint32_t> lines = {2, 3, 5, 6, 8, 9, 10, 11, 12, 13, 14, 15, 16};
    std::vector<std::uint32_t> found;
    for (const fw::LineError& error : restored.errors) {
        found.push_back(error.line);
        CHECK(!error.error.problem.empty());
        CHECK((!error.error.word.empty() || error.line == 11));
    }
    CHECK(found == lines);
    CHECK((ruleset == before));
}

TEST_CASE("a loop of chains is the fault of the line that closes it", "[saved]") {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    const fw::Restored restored =
        restore(ruleset,
                ":a -\n:b -\n:c -\n-A input -j a\n-A a -j b\n-A b -j c\n-A c -j DENY\n-A c -j a\n"
                "-A a -j ACCEPT\n-A a -j nosuch\n");
    REQUIRE(restored.errors.size() == 2);
    CHECK(restored.errors[0].line == 8);
    CHECK(restored.errors[1].line == 10);
    CHECK((ruleset == fw::Ruleset::empty()));
}

TEST_CASE("restore: -p makes chains to jump to", "[saved]") {
    CHECK(through("-A input -j new\n-A new -j DENY\n", {.make_chains = true}) ==
          ":input ACCEPT\n:forward ACCEPT\n:output ACCEPT\n:new -\n"
          "-A input -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -j new\n"
          "-A new -s 0.0.0.0/0.0.0.0 -d 0.0.0.0/0.0.0.0 -j DENY\n");
}

TEST_CASE("rules know the line that they came from", "[saved]") {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    REQUIRE(restore(ruleset, "\n# one\n-A input\n-I input -j DENY\n-R input 2 -j ACCEPT\n")
                .errors.empty());
    CHECK(ruleset.chains[0].rules[0].line.number == 4);
    CHECK(ruleset.chains[0].rules[1].line.number == 5);
}

TEST_CASE("names that are hard to write are saved so that they are read again", "[saved]") {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    for (const char* name : {"#x", "\"q\"", "-", "!", ":", "a#b", "\\n", "ACCEPT", "\xff\x01"}) {
        ruleset.chains.push_back({name, std::nullopt, {}, {fw::Rule{}, fw::Rule{}}, {}});
        fw::Rule rule;
        rule.target = fw::Jump{name};
        if (std::string_view(name) != "ACCEPT") {
            ruleset.chains[0].rules.push_back(rule);
        }
        rule.interface = {"a b\"\\\n" + std::string(name).substr(0, 1), false, false, {}};
        rule.target = fw::Accept{};
        ruleset.chains[0].rules.push_back(rule);
    }
    same_again(ruleset);
}

TEST_CASE("save, restore and save again: every recorded ruleset", "[saved][recorded]") {
    for (const recorded::Packets& one : recorded::ipchains_packets()) {
        fw::Ruleset ruleset = fw::Ruleset::empty();
        for (const recorded::Command& rule : one.rules) {
            firewall::ipchains(ruleset, {rule.words.begin() + 1, rule.words.end()},
                               recorded_names());
        }
        INFO(one.id);
        same_again(ruleset);
    }
}

TEST_CASE("save, restore and save again: every recorded case, command by command",
          "[saved][recorded]") {
    for (const recorded::Case& one : recorded::ipchains_cases()) {
        fw::Ruleset ruleset = fw::Ruleset::empty();
        for (const recorded::Command& command : one.commands) {
            if (command.words[0] == "ipchains") {
                firewall::ipchains(ruleset, {command.words.begin() + 1, command.words.end()},
                                   recorded_names());
            }
        }
        INFO(one.id);
        same_again(ruleset);
    }
}

namespace {

// Command lines by chance; most are good.
class Lines {
public:
    explicit Lines(unsigned seed) : random_(seed) {}

    std::vector<std::string> rule(const std::string& chain) {
        std::string line = "-A " + chain;
        const std::string protocol = one_of({"tcp", "udp", "icmp", "47", "all"});
        if (often(70)) {
            line += (often(15) ? " -p ! " : " -p ") + protocol;
        }
        const bool ports = often(50) && (protocol == "tcp" || protocol == "udp");
        for (const std::string side : {" -s", " -d"}) {
            if (often(60)) {
                line += side + (often(20) ? " ! " : " ") +
                        one_of({"10.0.0.0/8", "0/0", "192.168.1.7", "10.1.2.3/255.0.255.0",
                                "1.2.3.4/1"});
                line +=
                    ports ? (often(20) ? " ! " : " ") + one_of({"80", "1:", ":1024", "5:5", "9:3"})
                          : "";
            }
        }
        line += often(30) ? " -i " + one_of({"eth0", "ppp+", "! lo", "+", "! +", "e!h", "-x"}) : "";
        line += often(20) ? " -t " + one_of({"01 10", "FE 00", "f1 04", "1 0"}) : "";
        line += often(20) ? " -m " + one_of({"7", "+3", "-1", "0", "0xffffffff"}) : "";
        line += often(10) ? " -o" + one_of({"", " 60", " 0"}) : "";
        line += often(15) ? " -l" : "";
        line += often(15) ? one_of({" -y", " ! -y", " -f", " ! -f"}) : "";
        line += often(80) ? " -j " + one_of({"ACCEPT", "DENY", "REJECT", "MASQ", "REDIRECT 80",
                                             "REDIRECT", "RETURN", "one", "two", "#three"})
                          : "";
        return words_of(line);
    }

    bool often(int percent) { return std::uniform_int_distribution(1, 100)(random_) <= percent; }
    std::string one_of(const std::vector<std::string>& words) {
        return words[std::uniform_int_distribution<std::size_t>(0, words.size() - 1)(random_)];
    }
    std::uint64_t counter() { return std::uniform_int_distribution<std::uint64_t>()(random_); }

private:
    std::mt19937 random_;
};

fw::Ruleset random_ruleset(unsigned seed) {
    Lines lines(seed);
    fw::Ruleset ruleset = ruleset_of({"-N one", "-N two", "-N #three"});
    const std::vector<std::string> chains = {"input", "forward", "output", "one", "two", "#three"};
    for (int i = 0; i < 30; ++i) {
        const auto words = lines.rule(lines.one_of(chains));
        firewall::ipchains(ruleset, words, recorded_names());
    }
    for (fw::Chain& chain : ruleset.chains) {
        for (fw::Rule& rule : chain.rules) {
            rule.counters = {lines.counter(), lines.counter()};
        }
    }
    ruleset.chains[1].policy = lines.often(50) ? fw::Policy::masquerade : fw::Policy::reject;
    ruleset.chains[2].policy_counters = {lines.counter(), lines.counter()};
    return ruleset;
}

}  // namespace

TEST_CASE("save, restore and save again: 500 random rulesets", "[saved]") {
    std::size_t rules = 0;
    for (unsigned seed = 0; seed < 500; ++seed) {
        const fw::Ruleset ruleset = random_ruleset(seed);
        INFO("seed " << seed);
        same_again(ruleset);
        for (const fw::Chain& chain : ruleset.chains) {
            rules += chain.rules.size();
        }
    }
    CHECK(rules > 5000);
}

TEST_CASE("restoring takes time in proportion to the lines, with thousands of chains", "[saved]") {
    constexpr int chains = 20000;
    std::string text;
    for (int i = 0; i < chains; ++i) {
        text += ":c" + std::to_string(i) + " -\n";
    }
    for (int i = 0; i < chains; ++i) {
        text += "-A c" + std::to_string(i) + " -j DENY\n-A input -j c" + std::to_string(i) + "\n";
    }
    fw::Ruleset ruleset = fw::Ruleset::empty();
    const std::clock_t start = std::clock();
    REQUIRE(restore(ruleset, text).errors.empty());
    // Not in proportion, it would take minutes.
    CHECK(std::clock() - start < 10 * CLOCKS_PER_SEC);
    CHECK(ruleset.chains[0].rules.size() == chains);
}
