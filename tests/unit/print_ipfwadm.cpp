// ipfwadm's listings, lines, traces and saved commands, and Linux 2.0's tables; where they can be,
// from the state that each recorded case ended with. print_recorded.cpp has the cases themselves.
#include <catch2/catch.hpp>

#include <algorithm>
#include <optional>

#include "file_names.h"
#include "fw/evaluate.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "fw/saved.h"
#include "proc20.h"
#include "recorded.h"

namespace {

// Of `ipfwadm -I -l -e -n`, words apart, and nothing else: a listing that changes nothing.
struct Listing {
    fw::List list;
    fw::Presentation show;
};

std::optional<Listing> plain_listing(const std::vector<std::string>& words) {
    Listing listing;
    bool lists = false;
    for (std::size_t i = 1; i < words.size(); ++i) {
        const std::string& word = words[i];
        if (word == "-l") {
            lists = true;
        } else if (word == "-e") {
            listing.show.extended = true;
        } else if (word == "-n") {
            listing.show.numeric = true;
        } else if (word == "-x") {
            listing.show.exact = true;
        } else if (word == "-I" || word == "-F" || word == "-O" || word == "-A") {
            listing.list.chain = word == "-I"   ? "input"
                                 : word == "-F" ? "forward"
                                 : word == "-O" ? "output"
                                                : "accounting";
        } else {
            return std::nullopt;
        }
    }
    return lists && listing.list.chain ? std::optional(listing) : std::nullopt;
}

// Words as a shell reads them, of a line as ipfwadm-save writes it.
std::vector<std::string> shell_words(const std::string& line) {
    std::vector<std::string> words;
    bool quoted = false;
    bool inside = false;
    for (std::size_t i = 0; i < line.size(); ++i) {
        if (!quoted && line[i] == ' ') {
            inside = false;
            continue;
        }
        if (!inside) {
            words.emplace_back();
            inside = true;
        }
        if (line[i] == '\'') {
            quoted = !quoted;
        } else {
            i += !quoted && line[i] == '\\' ? 1 : 0;
            words.back() += line[i];
        }
    }
    return words;
}

std::vector<std::string> lines_of(const std::string& text) {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
        lines.push_back(text.substr(at, text.find('\n', at) - at));
    }
    return lines;
}

// Runs the commands as a shell would.
void run(fw::Ruleset& ruleset, const std::string& commands) {
    for (const std::string& line : lines_of(commands)) {
        INFO(line);
        std::vector<std::string> words = shell_words(line);
        REQUIRE(words.at(0) == "ipfwadm");
        words.erase(words.begin());
        const fw::Result<fw::Command> command = fw::parse_ipfwadm(words, recorded_names());
        REQUIRE(command.ok());
        const auto* change = std::get_if<fw::Change>(&command->action);
        REQUIRE(change != nullptr);
        REQUIRE(fw::apply(ruleset, *change).ok());
    }
}

fw::Ruleset made_by(const std::string& commands) {
    fw::Ruleset ruleset = fw::Ruleset::empty(fw::Dialect::ipfwadm);
    run(ruleset, commands);
    return ruleset;
}

fw::Ruleset without_counters(fw::Ruleset ruleset) {
    for (fw::Chain& chain : ruleset.chains) {
        for (fw::Rule& rule : chain.rules) {
            rule.counters = {};
        }
    }
    return ruleset;
}

// The line for the first rule of the chain, numeric and exact, without the counters.
std::string listed(const fw::Ruleset& ruleset, const std::string& chain, bool numeric = true) {
    fw::Presentation show;
    show.numeric = numeric;
    show.exact = true;
    show.extended = true;
    const auto lines = lines_of(fw::print_listing(ruleset, {chain}, show, recorded_names()));
    return lines.at(2).substr(20);
}

}  // namespace

TEST_CASE("Linux 2.0's tables read and printed are the same", "[recorded]") {
    std::size_t rules = 0;
    const auto check = [&](const std::string& id, const std::string& text) {
        const fw::Ruleset ruleset = read_proc20(text, recorded_names());
        INFO(id);
        CHECK(fw::print_proc_ipfwadm(ruleset) == text);
        for (const fw::Chain& chain : ruleset.chains) {
            rules += chain.rules.size();
        }
    };
    for (const recorded::Case& one : recorded::ipfwadm_cases()) {
        check(one.id, one.proc20);
    }
    for (const recorded::Packets& one : recorded::ipfwadm_packets()) {
        check(one.id, one.proc20);
    }
    CHECK(rules > 3000);
}

TEST_CASE("listings of what a case ended with are as recorded", "[recorded]") {
    std::size_t listings = 0;
    for (const recorded::Case& one : recorded::ipfwadm_cases()) {
        const fw::Ruleset ruleset = read_proc20(one.proc20, recorded_names());
        for (auto command = one.commands.rbegin(); command != one.commands.rend(); ++command) {
            const std::optional<Listing> wanted = plain_listing(command->words);
            if (!wanted || command->exit != 0) {
                break;
            }
            INFO(one.id);
            CHECK(fw::print_listing(ruleset, wanted->list, wanted->show, recorded_names()) ==
                  command->output);
            ++listings;
        }
    }
    CHECK(listings > 3000);
}

TEST_CASE("ipfwadm-save's commands make the recorded states again", "[recorded]") {
    std::size_t commands = 0;
    const auto check = [&](const std::string& id, const std::string& proc20) {
        INFO(id);
        const fw::Ruleset ruleset = without_counters(read_proc20(proc20, recorded_names()));
        const std::string text = fw::print_ipfwadm_commands(ruleset, false);
        fw::Ruleset again = made_by("ipfwadm -I -a deny -W gone\nipfwadm -A -a -y\n");
        run(again, text);
        CHECK(again == ruleset);
        commands += lines_of(text).size();
    };
    for (const recorded::Case& one : recorded::ipfwadm_cases()) {
        check(one.id, one.proc20);
    }
    for (const recorded::Packets& one : recorded::ipfwadm_packets()) {
        check(one.id, one.proc20);
    }
    CHECK(commands > 10000);
}

TEST_CASE("ipfwadm-save writes a line a rule, as one would type it") {
    const std::string text = R"(ipfwadm -I -p deny
ipfwadm -F -p masquerade
ipfwadm -O -p reject
ipfwadm -I -f
ipfwadm -F -f
ipfwadm -O -f
ipfwadm -A -f
ipfwadm -I -a accept -P tcp -S 10.0.0.0/8 1024:65535 20 -D 192.168.1.1 80 -V 10.0.0.254 -W eth0 -b -k -y -r 3128 -o -t 01 10
ipfwadm -I -a deny -S 10.0.0.0/255.0.255.0 -r 0
ipfwadm -I -a reject -W 'it'\''s * odd'
ipfwadm -F -a accept -S 192.168.1.0/24 -m
ipfwadm -O -a accept -P icmp -S 0.0.0.0/0 8
ipfwadm -A in -a -P udp -D 0.0.0.0 53
ipfwadm -A both -a
)";
    CHECK(fw::print_ipfwadm_commands(made_by(text), false) == text);
}

TEST_CASE("ipfwadm-save -c: counters in comments, whole") {
    fw::Ruleset ruleset = made_by("ipfwadm -A out -a\n");
    ruleset.find("accounting")->rules[0].counters = {5, 12000000000};
    const auto lines = lines_of(fw::print_ipfwadm_commands(ruleset, true));
    REQUIRE(lines.size() == 9);
    CHECK(lines[7] == "ipfwadm -A out -a");
    CHECK(lines[8] == "# [5:12000000000]");
}

TEST_CASE("ipfwadm -l -e: the fields of a rule") {
    struct {
        const char* command;
        const char* chain;
        const char* numeric;
        const char* named;
    } const rows[] = {
        {"-I -a accept -P tcp -D 0/0 80 -r 3128", "input",
         "acc/r tcp  ---- 0xFF 0x00 *       0.0.0.0         0.0.0.0/0            0.0.0.0/0         "
         "   * -> 80 => 3128",
         "acc/r tcp  ---- 0xFF 0x00 any     any             anywhere             anywhere          "
         "   any -> http => 3128"},
        {"-I -a reject -P udp -S 0/0 53:53 7 -r -b -k -y -o", "input",
         "acc/r udp  bkyo 0xFF 0x00 *       0.0.0.0         0.0.0.0/0            0.0.0.0/0         "
         "   53:53,7 -> * => *",
         "acc/r udp  bkyo 0xFF 0x00 any     any             anywhere             anywhere          "
         "   domain:domain,echo -> any => any"},
        {"-F -a accept -m -P icmp -S 127.0.0.1/8 8 -V 10.0.0.254", "forward",
         "acc/m icmp ---- 0xFF 0x00 *       10.0.0.254      127.0.0.0/8          0.0.0.0/0         "
         "   8",
         "acc/m icmp ---- 0xFF 0x00 any     10.0.0.254      loopback/8           anywhere          "
         "   8"},
        {"-A in -a -y", "accounting",
         "in  all  --y- *       0.0.0.0         0.0.0.0/0            0.0.0.0/0            n/a",
         "in  all  --y- any     any             anywhere             anywhere             n/a"},
    };
    for (const auto& row : rows) {
        const fw::Ruleset ruleset = made_by("ipfwadm " + std::string(row.command) + "\n");
        CHECK(listed(ruleset, row.chain) == row.numeric);
        CHECK(listed(ruleset, row.chain, false) == row.named);
    }
}

TEST_CASE("ipfwadm -l: other programs' rules stand where they stand") {
    fw::Ruleset ruleset = made_by("ipfwadm -O -a deny\n");
    ruleset.find("output")->foreign = {{7, 0, "", false}, {9, 1, "output.hook", true}};
    CHECK(fw::print_listing(ruleset, {"output"}, {}, recorded_names()) ==
          R"(IP firewall output rules, default policy: accept
type  prot source               destination          ports
# foreign rule, handle 7 (nft -a list table ip ipfwadm)
deny  all  anywhere             anywhere             n/a
# foreign rule in output.hook, handle 9 (nft -a list table ip ipfwadm)
)");
}

TEST_CASE("ipfwadm -v: the rule that is added, inserted or deleted; nothing else is said") {
    struct {
        std::vector<std::string> words;
        const char* line;
    } const rows[] = {
        {{"-I", "-a", "a", "-P", "t", "-S", "10.0.0.1", "http", "-V", "10.0.0.254", "-W", "eth0"},
         "acc tcp opt ---- tos 0xFF 0x00 via eth0 10.0.0.254   10.0.0.1 -> 0.0.0.0/0   80 -> *\n"},
        {{"-F", "-i", "m", "-b"},
         "acc/m all opt b--- tos 0xFF 0x00 via * 0.0.0.0   0.0.0.0/0 -> 0.0.0.0/0   n/a\n"},
        {{"-A", "out", "-d", "-o"},
         "out all opt ---o tos 0xFF 0x00 via * 0.0.0.0   0.0.0.0/0 -> 0.0.0.0/0   n/a\n"},
        {{"-I", "-f"}, ""},
        {{"-I", "-p", "deny"}, ""},
        {{"-I", "-z"}, ""},
    };
    for (const auto& row : rows) {
        const auto command = fw::parse_ipfwadm(row.words, recorded_names());
        REQUIRE(command.ok());
        CHECK(fw::print_change(made_by(""), *std::get_if<fw::Change>(&command->action),
                               recorded_names()) == row.line);
    }
}

TEST_CASE("ipfwadm -c --trace: the way through the rules in ipfwadm's words") {
    fw::Ruleset ruleset = made_by(
        "ipfwadm -I -a deny -P tcp -y -W eth1 -V 192.168.1.254\n"
        "ipfwadm -I -a reject -P udp -b -S 10.0.0.0/8 53\n"
        "ipfwadm -I -a accept -r 8080 -o -k\n");
    fw::Packet packet;
    packet.protocol = fw::protocol_tcp;
    packet.tcp_flags = 0x10;
    packet.interface = "eth0";
    const auto trace = [&] {
        return fw::print_trace(ruleset, fw::evaluate(ruleset, "input", packet, fw::Tracing::on),
                               recorded_names());
    };
    CHECK(trace() ==
          "input 1: deny tcp -y -V 192.168.1.254 -W eth1 0.0.0.0/0 -> 0.0.0.0/0: no, the interface "
          "is eth0, not eth1, the one with address 192.168.1.254\n"
          "input 2: reject udp -b 10.0.0.0/8 53 -> 0.0.0.0/0: no, the protocol is tcp, "
          "not udp\n"
          "input 3: redirect all -k 0.0.0.0/0 -> 0.0.0.0/0: matches, logs it\n"
          "The packet is redirected to port 8080 by rule 3 of chain input\n");
    packet.fragment_offset = 5;
    CHECK(trace() ==
          "input: let through before any rule: a second or later fragment\n"
          "The packet is accepted before any rule\n");
    packet.fragment_offset = 0;
    ruleset.find("input")->rules.clear();
    const std::string by_policy = trace();
    CHECK(by_policy.ends_with("The packet is accepted by the policy of chain input\n"));
}
