// Lists of command lines: what is read, what is left out with a word, and what only a shell can do.
#include <catch2/catch.hpp>

#include "fw/translate.h"
#include "translate/commands.h"
#include "translate/replay.h"
#include "unit/file_names.h"

namespace {

using fw::translate::CommandList;
using fw::translate::read_commands;
using fw::translate::recognise;
using Words = std::vector<std::string>;

CommandList read(const char* text) { return read_commands(text, "rc.firewall"); }

fw::translate::Replayed replay_of(const char* text) {
    const CommandList list = read(text);
    REQUIRE(list.errors.empty());
    return fw::translate::replay(list.commands, recorded_names());
}

}  // namespace

TEST_CASE("commands: words are split as a shell does") {
    struct Case {
        const char* text;
        Words words;
    };
    const Case cases[] = {
        {"ipchains -P input DENY", {"-P", "input", "DENY"}},
        {"/sbin/ipchains\t-L  -n\r\n", {"-L", "-n"}},
        {"ipchains -A input \\\n  -j DENY", {"-A", "input", "-j", "DENY"}},
        {"ipchains -A input \\\r\n  -j DENY", {"-A", "input", "-j", "DENY"}},
        {"ipchains -N 'a b' # a chain", {"-N", "a b"}},
        {"ipchains -N \"a\\\"b\"", {"-N", "a\"b"}},
        {"ipchains -N a\\ b#c", {"-N", "a b#c"}},
        {"ipchains -F > /dev/null 2>&1", {"-F"}},
        {"ipfwd --masq 10.0.0.2 47 &", {"--masq", "10.0.0.2", "47"}},
        {"  ipchains -A input -i ppp+ -j DENY", {"-A", "input", "-i", "ppp+", "-j", "DENY"}},
        {"ipchains -A input -s ! 10.0.0.1 -j DENY",
         {"-A", "input", "-s", "!", "10.0.0.1", "-j", "DENY"}},
        {"ipchains -N ''", {"-N", ""}},
    };
    for (const Case& c : cases) {
        INFO(c.text);
        const CommandList list = read(c.text);
        CHECK(list.errors.empty());
        REQUIRE(list.commands.size() == 1);
        CHECK(list.commands.front().words == c.words);
    }
}

TEST_CASE("commands: each knows its line and what stood there") {
    const CommandList list = read(
        "#!/bin/sh\n\nipchains -F; ipchains -X\nipchains -A input \\\n\t-l -j DENY  # no\nipchains "
        "-F\n");
    REQUIRE(list.commands.size() == 4);
    CHECK(list.commands[0].source.line == 3);
    CHECK(list.commands[1].source.line == 3);
    CHECK(list.commands[1].source.text == "ipchains -X");
    CHECK(list.commands[2].source.line == 4);
    CHECK(list.commands[2].source.text == "ipchains -A input -l -j DENY # no");
    CHECK(list.commands[2].source.file == "rc.firewall");
    CHECK(list.commands[3].source.line == 6);
}

TEST_CASE("commands: what only a shell understands is one error, at its line and word") {
    struct Case {
        const char* text;
        std::uint32_t line;
        const char* word;
    };
    const Case cases[] = {
        {"ipchains -F\nipchains -A input -s $LOCAL -j DENY", 2, "$LOCAL"},
        {"IF=eth0\nipchains -A input -i $IF", 1, "IF=eth0"},
        {"if [ -x /sbin/ipchains ]; then\nipchains -F\nfi", 1, "if"},
        {"for p in 22 25; do\nipchains -F\ndone", 1, "for"},
        {"ipchains -A input -s \"`hostname`\"", 1, "`hostname`\""},
        {"ipchains-restore < /etc/rules", 1, "<"},
        {"ipchains -L | grep DENY", 1, "|"},
        {"ipchains -F || exit 1", 1, "||"},
        {"start() {", 1, "start()"},
    };
    for (const Case& c : cases) {
        INFO(c.text);
        const CommandList list = read(c.text);
        CHECK(list.commands.empty());
        CHECK(list.cautions.empty());
        REQUIRE(list.errors.size() == 1);
        CHECK(list.errors.front().line == c.line);
        CHECK(list.errors.front().error.word == c.word);
        CHECK(list.errors.front().error.remedy.find("--run") != std::string::npos);
    }
}

TEST_CASE("commands: others are left out, and said") {
    const CommandList list = read(
        "echo 1 > /proc/sys/net/ipv4/ip_forward\nroute add default gw 10.0.0.1\nipchains -F\n");
    CHECK(list.errors.empty());
    CHECK(list.commands.size() == 1);
    REQUIRE(list.cautions.size() == 2);
    CHECK(list.cautions[0].error.word == "/proc/sys/net/ipv4/ip_forward");
    CHECK(list.cautions[1].error.word == "route");
    CHECK(list.cautions[1].line == 2);
}

TEST_CASE("commands: a line of saved rules among them is an error") {
    const CommandList list = read("ipchains -F\n: nothing\n:input DENY\n-A input -j DENY\n");
    REQUIRE(list.errors.size() == 2);
    CHECK(list.errors[0].error.word == ":input");
    CHECK(list.errors[0].line == 3);
    CHECK(list.errors[1].error.word == "-A");
    CHECK(list.cautions.size() == 1);
}

TEST_CASE("commands: saved rules are told by their first line") {
    CHECK(recognise("# Saved\n\n:input ACCEPT\n") == fw::translate::Kind::saved);
    CHECK(recognise("-A input -j DENY\n") == fw::translate::Kind::saved);
    CHECK(recognise("#!/bin/sh\nipchains -F\n") == fw::translate::Kind::commands);
    CHECK(recognise("") == fw::translate::Kind::commands);
}

TEST_CASE("replay: rules know the command that made them") {
    const auto replayed = replay_of(
        "ipchains -N a\nipchains -A a -p tcp -d 0/0 www -j ACCEPT\n"
        "ipchains -I a 1 -p 6 -d 0/0 80 -j DENY\nipchains -A input -j a\n");
    CHECK(replayed.errors.empty());
    const auto& rules = replayed.ruleset.chains.back().rules;
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].line.number == 3);
    CHECK(rules[1].line.number == 2);
    CHECK(replayed.sources[1].named_ports);
    CHECK(replayed.sources[1].named_protocol);
    CHECK_FALSE(replayed.sources[2].named_ports);
    CHECK_FALSE(replayed.sources[2].named_protocol);
}

TEST_CASE("replay: what fails is reported and changes nothing") {
    const auto replayed = replay_of(
        "ipchains -A nowhere -j DENY\nipchains -A input -j nobody\niptables -F\n"
        "ipchains -N a\nipchains -N b\nipchains -A a -j b\nipchains -A b -j a\n"
        "ipchains -A input -j a\n");
    REQUIRE(replayed.errors.size() == 4);
    CHECK(replayed.errors[0].line == 1);
    CHECK(replayed.errors[1].line == 2);
    CHECK(replayed.errors[2].line == 3);
    CHECK(replayed.errors[2].error.word == "iptables");
    CHECK(replayed.errors[3].line == 8);  // the loop could be met from here on
    CHECK(replayed.ruleset.chains.size() == 5);
}

TEST_CASE("replay: the rules are those of ipfwadm where only it has any") {
    struct Case {
        const char* text;
        fw::Dialect dialect;
    };
    const Case cases[] = {
        {"ipfwadm -I -p deny\n", fw::Dialect::ipfwadm},
        {"ipfwadm -F -f\n", fw::Dialect::ipfwadm},
        {"ipfwadm-wrapper -Ia accept -W lo\nipchains -F\n", fw::Dialect::ipfwadm},
        {"ipchains -P input DENY\nipfwadm -F -f\nipfwadm -I -p accept\n", fw::Dialect::ipchains},
        {"ipchains -F\nipfwadm -I -f\n", fw::Dialect::ipchains},
        {"ipportfw -A -t10.0.0.1/80 -R 10.0.0.2/80\n", fw::Dialect::ipchains},
    };
    for (const Case& c : cases) {
        INFO(c.text);
        const auto replayed = replay_of(c.text);
        CHECK(replayed.errors.empty());
        CHECK(replayed.ruleset.dialect == c.dialect);
    }
}

TEST_CASE("replay: what is forwarded goes with the rules of ipfwadm") {
    const auto replayed = replay_of(
        "ipfwadm -F -a m -S 10.0.0.0/8\nipportfw -A -t10.0.0.1/80 -R 10.0.0.2/80\n"
        "ipfwadm -O -d accept\nipfwadm -I -a accept -P tcp -D 0/0 www 21\n");
    REQUIRE(replayed.errors.size() == 1);
    CHECK(replayed.errors[0].line == 3);  // there is no such rule
    CHECK(replayed.ruleset.forwards.size() == 1);
    REQUIRE(replayed.ruleset.find("forward")->rules.size() == 1);
    CHECK(replayed.ruleset.find("forward")->rules[0].line.number == 1);
    CHECK_FALSE(replayed.sources[0].named_ports);
    CHECK(replayed.sources[3].named_ports);
    CHECK(replayed.sources[3].named_protocol);
}

TEST_CASE("replay: rules of both programs can't be one firewall") {
    const auto replayed = replay_of("ipchains -P input DENY\nipfwadm -I -p deny\nipchains -L\n");
    REQUIRE(replayed.errors.size() == 1);
    CHECK(replayed.errors[0].line == 2);
    CHECK(replayed.errors[0].error.word == "ipfwadm");
}

TEST_CASE("replay: a rule that is to stop something must be met by something") {
    const auto replayed = replay_of(
        "ipfwadm -I -a deny -V 10.9.9.9\nipfwadm -I -a accept -V 10.9.9.9\n"
        "ipfwadm -I -a deny -V 10.9.9.9 -W ppp0\nipfwadm -I -a deny -V 10.0.0.254\n");
    REQUIRE(replayed.errors.size() == 1);
    CHECK(replayed.errors[0].line == 1);
    CHECK(replayed.errors[0].error.word == "-V");
    CHECK(replayed.cautions.size() == 2);
    CHECK(replayed.ruleset.find("input")->rules.size() == 3);
}

TEST_CASE("replay: saved rules have a source a line, behind those of the commands") {
    fw::translate::ScriptCommand restore{"ipchains-restore",
                                         {},
                                         ":input DENY\n-A input -s 10.0.0.1 -j ACCEPT\n",
                                         {}};
    restore.source.line = 10;  // of a script; the rules stand behind it
    const std::vector<fw::translate::ScriptCommand> commands = {
        {"ipchains", {"-A", "input", "-j", "DENY"}, "", {}}, restore};
    const auto replayed = fw::translate::replay(commands, recorded_names());
    CHECK(replayed.errors.empty());
    const auto& rules = replayed.ruleset.chains.front().rules;
    REQUIRE(rules.size() == 2);
    CHECK(rules[0].line.number == 1);
    REQUIRE(rules[1].line.number == 4);
    CHECK(replayed.sources[3].text == "-A input -s 10.0.0.1 -j ACCEPT");
    CHECK(replayed.sources[3].line == 12);
}

TEST_CASE("translate: the name of a file can't become a command") {
    fw::TranslateOptions options;
    options.from = "rc\nflush ruleset";
    const auto made = fw::translate_ruleset(fw::Ruleset::empty(), options, recorded_names(), {});
    REQUIRE(made);
    CHECK(made->text.find("# Translated from rc?flush ruleset.\n") != std::string::npos);
}
