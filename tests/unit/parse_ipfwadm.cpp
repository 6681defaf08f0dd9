// The command language of ipfwadm 2.3.0, as recorded and beyond.
#include <catch2/catch.hpp>

#include "file_names.h"
#include "fw/parse.h"
#include "parse_lines.h"
#include "proc20.h"
#include "recorded.h"

namespace {

using Line = std::vector<std::string>;

std::string joined(const Line& words) {
    std::string line;
    for (const std::string& word : words) {
        line += "[" + word + "] ";
    }
    return line;
}

fw::Result<fw::Command> parse(std::string_view line) {
    return fw::parse_ipfwadm(words_of(line), recorded_names());
}

// What ipfwadm's exit status was, but for -c: it depends on the answer.
int status_of(const fw::Result<fw::Command>& parsed, fw::Ruleset& ruleset) {
    if (!parsed) {
        return parsed.error().code == fw::Code::refused ? 255 : 2;
    }
    const auto* change = std::get_if<fw::Change>(&parsed->action);
    if (change == nullptr) {
        return 0;
    }
    const auto outcome = fw::apply(ruleset, *change);
    REQUIRE(outcome.ok());
    return outcome->complaint ? 255 : 0;
}

void run(const std::string& id, const recorded::Command& command, fw::Ruleset& ruleset) {
    if (command.words[0] != "ipfwadm") {
        return;
    }
    const auto parsed =
        fw::parse_ipfwadm(Line(command.words.begin() + 1, command.words.end()), recorded_names());
    INFO(id << ": " << joined(command.words)
            << (parsed ? "" : "; " + parsed.error().word + ": " + parsed.error().problem));
    const bool answered = parsed && std::holds_alternative<fw::Check>(parsed->action);
    const int status = status_of(parsed, ruleset);
    CHECK(status == (answered ? 0 : command.exit));
    CHECK((parsed || !parsed.error().problem.empty()));
}

fw::Ruleset without_counters(fw::Ruleset ruleset) {
    for (fw::Chain& chain : ruleset.chains) {
        for (fw::Rule& rule : chain.rules) {
            rule.counters = {};
        }
    }
    return ruleset;
}

fw::Ruleset empty() { return fw::Ruleset::empty(fw::Dialect::ipfwadm); }

}  // namespace

TEST_CASE("recorded ipfwadm commands succeed, fail and do as they did") {
    for (const recorded::Case& c : recorded::ipfwadm_cases()) {
        fw::Ruleset ruleset = empty();
        for (const recorded::Command& command : c.commands) {
            run(c.id, command, ruleset);
        }
        INFO(c.id);
        CHECK(without_counters(ruleset) ==
              without_counters(read_proc20(c.proc20, recorded_names())));
    }
}

TEST_CASE("recorded random ipfwadm rules become what the kernel had") {
    for (const recorded::Packets& p : recorded::ipfwadm_packets()) {
        fw::Ruleset ruleset = empty();
        for (const recorded::Command& command : p.rules) {
            run(p.id, command, ruleset);
        }
        INFO(p.id);
        CHECK(without_counters(ruleset) ==
              without_counters(read_proc20(p.proc20, recorded_names())));
    }
}

namespace {

struct Typed {
    std::string line;
    fw::Rule rule;
};

template <typename Part>
fw::Rule rule_with(Part part, fw::Target target = fw::Deny{}) {
    fw::Rule rule;
    rule.target = std::move(target);
    part(rule);
    return rule;
}

fw::Rule plain(fw::Target target) {
    return rule_with([](fw::Rule&) {}, std::move(target));
}

const fw::Rule& only_rule(const fw::Command& command) {
    const auto& change = std::get<fw::Change>(command.action);
    const auto* append = std::get_if<fw::Append>(&change);
    const auto* insert = std::get_if<fw::Insert>(&change);
    const auto& rules = append   ? append->rules
                        : insert ? insert->rules
                                 : std::get<fw::DeleteMatching>(change).rules;
    REQUIRE(rules.size() == 1);
    return rules.front();
}

fw::AddressMatch network(std::uint32_t address, std::uint32_t mask) {
    return {{address}, {mask}, false};
}

fw::Rule tcp(fw::PortMatch source, fw::PortMatch destination) {
    return rule_with([&](fw::Rule& rule) {
        rule.protocol.number = 6;
        rule.source_ports = source;
        rule.destination_ports = destination;
    });
}

}  // namespace

TEST_CASE("a line of ipfwadm is one rule") {
    const Typed lines[] = {
        {"-I -a deny", plain(fw::Deny{})},
        {"-Ia deny", plain(fw::Deny{})},
        {"-aI deny", plain(fw::Deny{})},
        {"-O -a r", plain(fw::Reject{})},
        {"-F -a m", plain(fw::Masquerade{})},
        {"-F -a accept -m", plain(fw::Masquerade{})},
        {"-Fma accept", plain(fw::Masquerade{})},
        {"-I -a a -r", plain(fw::Redirect{0})},
        {"-I -a a -P tcp -r http",
         rule_with([](fw::Rule& rule) { rule.protocol.number = 6; }, fw::Redirect{80})},
        {"-I -a deny -r 80", rule_with([](fw::Rule& rule) { rule.idle_redirect = 80; })},
        {"-I -a deny -S 10.1/16 -D localhost", rule_with([](fw::Rule& rule) {
             rule.source = network(0x0a000000, 0xffff0000);
             rule.destination = network(0x7f000001, 0xffffffff);
         })},
        {"-I -a deny -S 010.0x10.1",
         rule_with([](fw::Rule& rule) { rule.source = network(0x08100001, 0xffffffff); })},
        {"-I -a deny -bkyo -P tcp -W eth0", rule_with([](fw::Rule& rule) {
             rule.protocol.number = 6;
             rule.two_way = rule.ack = rule.log = true;
             rule.syn = fw::Flag::set;
             rule.interface.name = "eth0";
             rule.interface.wildcard = false;
         })},
        {"-I -a deny -V 10.0.0.254", rule_with([](fw::Rule& rule) {
             rule.interface.address = fw::Address{0x0a0000fe};
             rule.interface.device = "eth0";
         })},
        {"-I -a deny -V 0", plain(fw::Deny{})},
        {"-I -a deny -W ''", plain(fw::Deny{})},
        {"-I -a deny -t 0x0 1", rule_with([](fw::Rule& rule) {
             rule.tos = {0, 1};
         })},
        {"-A -a", plain(fw::None{})},
        {"-A out -a",
         rule_with([](fw::Rule& rule) { rule.direction = fw::Direction::out; }, fw::None{})},
        {"-Aa i",
         rule_with([](fw::Rule& rule) { rule.direction = fw::Direction::in; }, fw::None{})},
        {"-I -a deny -P tcp -S 0/0 1 1024:65535 http -D 0/0 80:80",
         tcp({{{1024, 65535}, {1, 1}, {80, 80}}, false, true}, {{{80, 80}}, false, true})},
        {"-IaPtcp deny -S0/0 53", tcp({{{53, 53}}}, {})},
        {"-I -a deny -P icmp -S 0/0 8 0", rule_with([](fw::Rule& rule) {
             rule.protocol.number = 1;
             rule.source_ports.ranges = {{8, 8}, {0, 0}};
         })},
    };
    for (const Typed& typed : lines) {
        const auto parsed = parse(typed.line);
        INFO(typed.line << (parsed ? "" : ": " + parsed.error().problem));
        REQUIRE(parsed.ok());
        CHECK(only_rule(*parsed) == typed.rule);
    }
}

TEST_CASE("the lowest TOS bit is kept out of what is kept, and shown as typed") {
    fw::Ruleset ruleset = empty();
    const auto parsed = parse("-I -a accept -t fe 11");
    REQUIRE(parsed.ok());
    CHECK(only_rule(*parsed).tos == fw::Tos{0xfe, 0x11});
    REQUIRE(fw::apply(ruleset, std::get<fw::Change>(parsed->action)).ok());
    CHECK(ruleset.find("input")->rules[0].tos == fw::Tos{0xff, 0x10});
}

TEST_CASE("deleting asks neither for the TOS field nor for the port of a redirection") {
    fw::Ruleset ruleset = empty();
    for (const char* line : {"-I -a accept -P tcp -r 80 -t 01 10", "-I -d accept -P tcp -r 81",
                             "-I -a deny -r 80", "-I -d deny -r"}) {
        const auto parsed = parse(line);
        REQUIRE(parsed.ok());
        const auto outcome = fw::apply(ruleset, std::get<fw::Change>(parsed->action));
        REQUIRE(outcome.ok());
        CHECK_FALSE(outcome->complaint);
    }
    CHECK(ruleset == empty());
}

TEST_CASE("a rule that is not there is told of in ipfwadm's words") {
    fw::Ruleset ruleset = empty();
    const auto parsed = parse("-A -d");
    REQUIRE(parsed.ok());
    const auto outcome = fw::apply(ruleset, std::get<fw::Change>(parsed->action));
    REQUIRE(outcome.ok());
    REQUIRE(outcome->complaint);
    CHECK(outcome->complaint->code == fw::Code::refused);
    CHECK_THAT(outcome->complaint->remedy, Catch::Contains("ipfwadm -A -l"));
}

TEST_CASE("commands other than rules") {
    const auto action = [](std::string_view line) {
        auto parsed = parse(line);
        INFO(line);
        REQUIRE(parsed.ok());
        return *std::move(parsed);
    };
    const auto change = [&](std::string_view line) {
        return std::get<fw::Change>(action(line).action);
    };
    const fw::Command list = action("-Alzenx");
    CHECK(std::get<fw::List>(list.action).chain == "accounting");
    CHECK(std::get<fw::List>(list.action).zero);
    CHECK((list.show.extended && list.show.numeric && list.show.exact && !list.show.verbose));
    CHECK(std::get<fw::Zero>(change("-O -z")).chain == "output");
    CHECK(std::get<fw::Flush>(change("-fF")).chain == "forward");
    CHECK(std::get<fw::SetPolicy>(change("-Fp deny")).policy == fw::Policy::deny);
    CHECK(std::get<fw::SetPolicy>(change("-F -p m")).policy == fw::Policy::masquerade);
    CHECK(std::get<fw::SetPolicy>(change("-I -p ''")).policy == fw::Policy::accept);
    CHECK(std::get<fw::Insert>(change("-I -i deny")).position == 1);
    CHECK(std::holds_alternative<fw::ListMasquerading>(action("-Ml").action));
    CHECK(std::get<fw::SetTimeouts>(action("-Ms 1 2 3").action).udp == 3);
    CHECK(std::holds_alternative<fw::Help>(action("-h").action));
    CHECK(std::holds_alternative<fw::Help>(action("--help").action));
    CHECK(std::holds_alternative<fw::Version>(action("--version").action));
    CHECK(action("-I -l --state f").state == "f");
    CHECK(action("-I -f --dry-run").dry_run);
}

TEST_CASE("ipfwadm -c describes a packet") {
    struct {
        std::string line;
        std::uint16_t protocol;
        std::uint16_t source_port;
        std::uint16_t destination_port;
        std::uint8_t tcp_flags;
    } const checks[] = {
        {"-P tcp -S 10.0.0.1 5 -D 1.1.1.1 http", 6, 5, 80, 0},
        {"-P tcp -S 10.0.0.1 5 -D 1.1.1.1 80 -y", 6, 5, 80, 2},
        {"-P tcp -S 10.0.0.1 5 -D 1.1.1.1 80 -ky", 6, 5, 80, 18},
        {"-P udp -S 10.0.0.1 5 -D 1.1.1.1 53 -k", 17, 5, 53, 0},
        {"-P icmp -S 10.0.0.1 8 -D 1.1.1.1", 1, 8, 0, 0},
    };
    for (const auto& check : checks) {
        const auto parsed = parse("-I -c -V 10.0.0.254 -W eth0 --trace " + check.line);
        INFO(check.line << (parsed ? "" : ": " + parsed.error().problem));
        REQUIRE(parsed.ok());
        CHECK(parsed->trace);
        const auto& action = std::get<fw::Check>(parsed->action);
        CHECK(action.chain == "input");
        fw::Packet expected;
        expected.source = {0x0a000001};
        expected.destination = {0x01010101};
        expected.protocol = check.protocol;
        expected.source_port = check.source_port;
        expected.destination_port = check.destination_port;
        expected.tcp_flags = check.tcp_flags;
        expected.interface = "eth0";
        CHECK(action.packets == std::vector<fw::Packet>{expected});
    }
}

TEST_CASE("what is legal, and probably not meant, gets a warning on standard output") {
    const std::pair<std::string, std::string> remarks[] = {
        {"-I -a deny -V 9.9.9.9", "-V 9.9.9.9: no interface has this address now"},
        {"-I -a deny -V 9.9.9.9 -W eth7", "-W eth7 decides alone"},
        {"-I -a deny -W ppp+", "no wildcards"},
        {"-I -a deny -W eth0:1", "alias"},
        {"-I -a deny -y", "-y is asked of TCP packets only"},
        {"-I -a deny -S 10.1", "taken as 10.0.0.1"},
        {"-I -a deny -P tcp -y -V 10.0.0.254 -W eth0 -S 10.0.0.1", ""},
        {"-I -d deny -V 9.9.9.9 -y", ""},
    };
    for (const auto& [line, text] : remarks) {
        const auto parsed = parse(line);
        INFO(line);
        REQUIRE(parsed.ok());
        CHECK(parsed->cautions.empty());
        REQUIRE(parsed->notices.size() == (text.empty() ? 0 : 1));
        if (!text.empty()) {
            CHECK_THAT(parsed->notices[0], Catch::StartsWith("Warning: ") && Catch::Contains(text));
        }
    }
}

namespace {

struct Mistake {
    std::string line;
    std::string word;
    std::string problem;  // part of it
    std::string remedy;   // part of it
};

const Mistake mistakes[] = {
    {"", "", "nothing says what to do", "-I (input)"},
    {"-I", "-I", "no command", "-a adds a rule"},
    {"-M", "-M", "no command", "-M -l lists"},
    {"-l", "", "nothing says what to do", "name the category"},
    {"-I -O -l", "-O", "does not go with -I", "one of the two"},
    {"-I -l -f", "-f", "second command", "-l -z"},
    {"-I -p deny -i accept", "-i", "second command", "-l -z"},
    {"-I -a accept -p tcp", "-p", "second command", "-P"},
    {"-I -a accept -d 10.0.0.1", "-d", "second command", "-D"},
    {"-I -a accept -i eth0", "-i", "second command", "-W"},
    {"-I -a accept -s 10.0.0.0/8", "-s", "something is missing", "-S"},
    {"-I -l -l", "-l", "given twice", "leave one"},
    {"-I -a", "-a", "a policy must follow", "-a deny"},
    {"-I -a DENY", "DENY", "no such policy", "did you mean deny"},
    {"-I -a drop", "drop", "no such policy", "did you mean deny"},
    {"-I -p x", "x", "no such policy", "accept, deny, reject"},
    {"-I -a masq", "masq", "only forwarded", "-F"},
    {"-I -a accept -m", "-m", "only forwarded", "-F"},
    {"-F -a deny -m", "-m", "only a packet that passes", "-a masquerade"},
    {"-O -a accept -r 80", "-r", "only arriving", "-I"},
    {"-I -a accept -P icmp -r", "-r", "ICMP can't be redirected", "-P tcp"},
    {"-I -a accept -P tcp -r 1:2", "1:2", "one port", "one number"},
    {"-I -a accept -r www", "www", "a service belongs to a protocol", "-P tcp"},
    {"-A -p deny", "-p", "does not go with -A", "no policy"},
    {"-A -a accept", "accept", "no policy", "leave the word out"},
    {"-A -a in", "in", "no policy", "-A in -a"},
    {"-A inn -a", "inn", "no direction", "in, out or both"},
    {"-I -s 1 2 3", "-s", "does not go with -I", "-M -s"},
    {"-M -s 1 2", "-s", "something is missing", "TCP TCPFIN UDP"},
    {"-M -s 1 x 3", "x", "not a number of seconds", "three"},
    {"-I -l -P tcp", "-P", "-P does not go with -l", "ipfwadm -h"},
    {"-I -l --trace", "--trace", "only a check", "-c"},
    {"-I -l --dry-run", "--dry-run", "nothing would be changed", "-a"},

    // As people mistyped it, and as other programs have it.
    {"-0 -a accept", "-0", "no such option", "-O (output)"},
    {"-I -a accept -P tcp -S 0/0 -0", "-0", "no such option", "-o (log)"},
    {"-I -a accept -j ACCEPT", "-j", "no such option", "-a deny"},
    {"-L input", "-L", "no such option", "-I -l"},
    {"-N mine", "-N", "no such option", "no chains"},
    {"-I -a accept --sport 80", "--sport", "no such option", "-S ADDRESS PORT"},
    {"-I -a accept -S ! 10.0.0.1", "!", "inverts nothing", "before"},
    {"-I -a accept ! -S 10.0.0.1", "!", "inverts nothing", "before"},
    {"-I -l foo", "foo", "belongs to no option", "leave it out"},
    {"-I -a accept -q", "-q", "no such option", "ipfwadm -h"},

    // Protocols, addresses, ports.
    {"-I -a accept -P TCP", "TCP", "no protocol", "small letters"},
    {"-I -a accept -P 47", "47", "no protocol", "tcp, udp, icmp or all"},
    {"-I -a accept -S nosuchhost", "nosuchhost", "no host or network", "spelling"},
    {"-I -a accept -S 10.0.0.256", "10.0.0.256", "not an IPv4 address", "0 to 255"},
    {"-I -a accept -S 10.0.0.1:80", "10.0.0.1:80", "not an IPv4 address", "10.0.0.1 80"},
    {"-I -a accept -S 10.0.0.1/", "10.0.0.1/", "not a mask", "/24"},
    {"-I -a accept -P tcp -D 0/0:80", "0/0:80", "not a mask", "apart from its address: 0/0 80"},
    {"-I -a accept -V 10.0.0.1/8", "10.0.0.1/8", "one interface", "-W"},
    {"-I -a accept -D 0/0 80", "80", "ports belong to a protocol", "-P tcp"},
    {"-I -a accept -P icmp -D 0/0 8", "8", "go behind -S", "-S 0/0 8"},
    {"-I -a accept -P icmp -S 0/0 ping", "ping", "not an ICMP type", "8"},
    {"-I -a accept -P udp -S 0/0 http", "http", "no udp service", "-P tcp"},
    {"-I -a accept -P tcp -S 0/0 65536", "65536", "no such port", "65535"},
    {"-I -a accept -P tcp -S 0/0 80-90", "80-90", "no such port", "80:90"},
    {"-I -a accept -P tcp -S 0/0 80,81", "80,81", "ports stand apart", "spaces"},
    {"-I -a accept -P tcp -S 0/0 1024:", "1024:", "two ends", "1024:65535"},
    {"-I -a accept -P tcp -S 0/0 90:80", "90:80", "upside down", "lower end first"},
    {"-I -a accept -P tcp -S 0/0 1:2 3:4", "3:4", "a second range", "another rule"},
    {"-I -a accept -P tcp -S 0/0 1 2 3 4 5 -D 0/0 6 7 8 9 10 11", "11", "more than ten",
     "several rules"},
    {"-I -a accept -P tcp -S 0/0 1 2 3 4 5 6 7 8 9 10 11 12 13 14", "13", "more than ten",
     "several rules"},
    {"-I -a accept -P tcp -S 0/0 1 2 3 4 5 -D 0/0 6 7 8 9 10 -r", "10", "more than ten",
     "-r for one"},
    {"-I -a accept -t 01 100", "100", "not a TOS mask", "01 10"},
    {"-I -a accept -t 01", "-t", "something is missing", "ANDMASK XORMASK"},

    // Checks.
    {"-I -c", "-c", "a whole packet", "-P tcp"},
    {"-I -c -P all -S 1.1.1.1 -D 1.1.1.1 -V 10.0.0.254 -W eth0", "all", "one protocol", "-P udp"},
    {"-I -c -P tcp -S 1.1.1.1 -D 1.1.1.1 1 -V 10.0.0.254 -W eth0", "1.1.1.1", "one source port",
     "behind -S"},
    {"-I -c -P tcp -S 1.1.1.1 1 -D 1.1.1.1 1:2 -V 10.0.0.254 -W eth0", "1.1.1.1",
     "one destination port", "behind -D"},
    {"-I -c -P tcp -S 1.1.1.1 1 -D 1.1.1.1 1 -V 10.0.0.254 -W eth1", "10.0.0.254",
     "interface eth0 has this address, not eth1", "-W eth0"},
    {"-I -c -P tcp -S 1.1.1.1 1 -D 1.1.1.1 1 -V 9.9.9.9 -W eth1", "9.9.9.9",
     "no interface of this machine", "ip address"},
};

}  // namespace

TEST_CASE("a mistake at ipfwadm is answered with its word, what is wrong and what to do") {
    for (const Mistake& mistake : mistakes) {
        const auto parsed = parse(mistake.line);
        INFO(mistake.line);
        REQUIRE_FALSE(parsed.ok());
        const fw::Error& error = parsed.error();
        INFO(error.word << ": " << error.problem << "; " << error.remedy);
        CHECK(error.word == mistake.word);
        CHECK_THAT(error.problem, Catch::Contains(mistake.problem));
        CHECK_THAT(error.remedy, Catch::Contains(mistake.remedy));
        CHECK_THAT(error.problem + error.remedy, !Catch::Contains("ipchains"));
    }
}
