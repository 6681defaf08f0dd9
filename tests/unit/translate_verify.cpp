// The check of translations: what the tools load is found to be the same, and what was changed in
// it is found to be different.
#include <algorithm>
#include <catch2/catch.hpp>
#include <fstream>
#include <random>
#include <sstream>

#include "compile/table.h"
#include "fw/translate.h"
#include "goldens.h"
#include "nft/text.h"
#include "rounds.h"

namespace {

std::string golden_text(const std::string& name) {
    std::ifstream file(std::string(FW_GOLDEN) + "/" + name + ".nft", std::ios::binary);
    std::ostringstream text;
    text << file.rdbuf();
    return text.str();
}

fw::Verification verified(const fw::Ruleset& ruleset, const std::string& text) {
    auto result = fw::verify_translation(ruleset, text);
    INFO((result ? "" : result.error().word + ": " + result.error().problem));
    REQUIRE(result);
    return std::move(*result);
}

using Lines = std::vector<std::string>;

Lines lines_of(const std::string& text) {
    Lines lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);) {
        lines.push_back(line);
    }
    return lines;
}
std::string text_of(const Lines& lines) {
    std::string text;
    for (const std::string& line : lines) {
        text += line + "\n";
    }
    return text;
}

// The rules: what stands in chains, but for where a chain is hooked in.
std::vector<std::size_t> rules_in(const Lines& lines) {
    std::vector<std::size_t> rules;
    bool in_chain = false;
    for (std::size_t i = 0; i < lines.size(); ++i) {
        in_chain = lines[i].starts_with("    chain") || (in_chain && lines[i] != "    }");
        if (in_chain && lines[i].starts_with("        ") &&
            lines[i].find(" hook ") == lines[i].npos) {
            rules.push_back(i);
        }
    }
    return rules;
}

class Mutator {
public:
    explicit Mutator(unsigned seed) : random_(seed) {}

    // The text with one thing changed.
    std::string mutant(const std::string& text) {
        for (;;) {
            Lines lines = lines_of(text);
            const std::vector<std::size_t> rules = rules_in(lines);
            const std::size_t at = rules[pick(rules.size())];
            switch (pick(6)) {
                case 0: lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at)); break;
                case 1: std::swap(lines[at], lines[rules[pick(rules.size())]]); break;
                case 2: exchange_word(lines[at]); break;
                default: change_number(lines[at]);
            }
            std::string changed = text_of(lines);
            if (changed != text) {
                return changed;
            }
        }
    }

private:
    std::size_t pick(std::size_t count) { return random_() % count; }

    void exchange_word(std::string& line) {
        static const std::vector<std::pair<std::string, std::string>> words = {
            {" accept", " drop"},
            {" drop", " accept"},
            {" reject", " accept"},
            {" return", " accept"},
            {" != ", " == "},
            {" == ", " != "},
            {" saddr ", " daddr "},
            {" daddr ", " saddr "},
            {" sport ", " dport "},
            {" dport ", " sport "},
            {" iifname ", " oifname "},
            {" tcp ", " udp "},
            {"* ", " "},
            {" original", " reply"},
            {" reply", " original"},
        };
        const auto& [word, other] = words[pick(words.size())];
        const std::size_t at = line.find(word);
        if (at < line.find("comment")) {
            line.replace(at, word.size(), other);
        }
    }
    // One of its numbers, or digits in a name.
    void change_number(std::string& line) {
        std::vector<std::size_t> digits;
        const std::size_t end = std::min(line.find(" comment "), line.find(" prefix "));
        for (std::size_t i = 0; i < std::min(end, line.size()); ++i) {
            if (line[i] >= '0' && line[i] <= '9') {
                digits.push_back(i);
            }
        }
        if (!digits.empty()) {
            char& digit = line[digits[pick(digits.size())]];
            digit = static_cast<char>('0' + (digit - '0' + 1 + static_cast<int>(pick(8))) % 10);
        }
    }

    std::mt19937 random_;
};

}  // namespace

TEST_CASE("verify: what the tools load decides as the rules do") {
    std::vector<Golden> all = goldens;
    all.insert(all.end(), ipfwadm_goldens.begin(), ipfwadm_goldens.end());
    for (const Golden& golden : all) {
        INFO(golden.name);
        const fw::Verification result = verified(ruleset_of(golden), golden_text(golden.name));
        for (const std::string& difference : result.differences) {
            UNSCOPED_INFO(difference);
        }
        CHECK(result.different == 0);
        CHECK(result.packets > 100);
    }
}

// Rules that differ from what follows them, so that each can be told by what it does.
const std::vector<std::vector<std::string>> strict_rulesets = {
    {"-P input DENY", "-P forward REJECT", "-P output DENY", "-A input -i lo -j ACCEPT",
     "-A input -s 10.0.0.0/8 -i ! eth0 -j DENY", "-A input -p tcp -d 192.0.2.1 22:25 -y -j ACCEPT",
     "-A input -p tcp ! -y -j ACCEPT", "-A input -p udp -s 0/0 53 -d 0/0 1024: -j ACCEPT",
     "-A input -p icmp --icmp-type echo-request -j ACCEPT",
     "-A input -p icmp --icmp-type host-unreachable -j ACCEPT", "-A input -p 47 -j REJECT",
     "-A output -i eth+ -s 192.0.2.1 -j ACCEPT", "-A output -p tcp -d 0/0 113 -j REJECT",
     "-A forward -i ppp0 -s 192.168.1.0/24 -j ACCEPT"},
    {"-P input DENY", "-P output DENY", "-N web", "-N mail", "-A web -p tcp -d 0/0 80 -j ACCEPT",
     "-A web -p tcp -d 0/0 443 -s ! 10.1.0.0/16 -j ACCEPT", "-A web -j RETURN",
     "-A mail -p tcp -d 0/0 25 -l -j ACCEPT", "-A mail -s 172.16.0.0/12 -j REJECT",
     "-A input -i eth0 -j web", "-A input -d 203.0.113.0/24 -j mail", "-A output -j web",
     "-A output -d 224.0.0.0/4 -j ACCEPT", "-A output -p udp -t 01 10 -j ACCEPT",
     "-A input -f -s 10.0.0.1 -j ACCEPT", "-A input -p tcp -s 0/0 20 -d 0/0 6000:6010 -j ACCEPT"},
    {"-P input ACCEPT", "-P forward DENY", "-P output ACCEPT",
     "-A forward -s 192.168.1.0/24 -d 192.168.2.0/24 -j ACCEPT",
     "-A forward -i ppp0 -s 192.168.1.0/24 -j MASQ", "-A forward -i ppp1 -s 10.0.0.0/8 -j MASQ",
     "-A input -p tcp -s 192.168.1.0/24 -d 0/0 80 -j REDIRECT 3128",
     "-A input -i ppp0 -p tcp -d 0/0 137:139 -l -j DENY", "-A output -p tcp -d 0/0 25 -j REJECT",
     "-A output -i ppp0 -s ! 203.0.113.1 -j DENY"},
    {"-P forward MASQ", "-A forward -s 10.0.0.1/255.0.255.255 -j DENY",
     "-A input -s 10.0.0.0/8 -m 7", "-A input -p udp -m +3", "-A input -p tcp -d 0/0 22 -o 64",
     "-A input -p ! tcp -i eth1 -j DENY", "-A output -m -1 -p icmp", "-A output -p tcp -t 01 08"},
};

std::string managed_text(const fw::Ruleset& ruleset) {
    const auto table = fw::compile::compile_table(ruleset);
    REQUIRE(table);
    return fw::nft::table_text(*table);
}
// As fw-translate --optimize writes it.
std::string clean_text(const fw::Ruleset& ruleset) {
    fw::TranslateOptions options;
    options.optimize = true;
    const auto made = fw::translate_ruleset(ruleset, options, recorded_names());
    REQUIRE(made);
    return made->text;
}

// How many of the mutants are told from what they were made of.
unsigned found_mutants(const std::vector<fw::Ruleset>& rulesets, unsigned mutants) {
    const auto count = static_cast<unsigned>(rulesets.size());
    unsigned found = 0;
    for (unsigned seed = 0; seed < mutants; ++seed) {
        const fw::Ruleset& ruleset = rulesets[seed % count];
        const bool clean = seed / count % 2 == 1;
        const std::string text = clean ? clean_text(ruleset) : managed_text(ruleset);
        if (seed < 2 * count) {
            CHECK(verified(ruleset, text).different == 0);
        }
        const auto result = fw::verify_translation(ruleset, Mutator(seed).mutant(text));
        found += !result || result->different != 0 ? 1 : 0;
    }
    return found;
}

// Of a thousand such mutants about one in ten is not told from the original, and none of those can
// be: bits of an address behind its prefix, the reserved bit of the fragment field, rules that are
// in another order than before but exclude each other, drops and accepts where the policy says the
// same, labels that nothing sets, fragments where connection tracking has put them together, and
// rates of logs.
TEST_CASE("verify: one thing changed in a table is found, if it changes a decision") {
    std::vector<fw::Ruleset> rulesets;
    for (const std::vector<std::string>& lines : strict_rulesets) {
        rulesets.push_back(ruleset_of(lines));
    }
    const unsigned tried = rounds(64);
    CHECK(found_mutants(rulesets, tried) + 5 >= tried);  // the others decide the same
}

// Accounting, of which only the log can tell; lists of ports; rules of two ways.
const std::vector<std::vector<std::string>> strict_ipfwadm_rulesets = {
    {"-I -p deny", "-O -p deny", "-F -p reject", "-I -a accept -W lo",
     "-I -a accept -P tcp -S 10.0.0.0/8 -D 0/0 20:25 80 443 -k",
     "-I -a accept -P udp -b -S 192.168.1.0/24 53 -D 10.0.0.0/8", "-I -a accept -y -W eth0",
     "-I -a reject -P tcp -D 0/0 113 -y", "-I -a accept -P icmp -S 0/0 0 3 4 8 11",
     "-O -a accept -P tcp -D 0/0 22 23 -t 01 10", "-O -a accept -V 10.0.0.254 -D 10.0.0.0/8",
     "-F -a accept -b -P tcp -S 0/0 1024:65535 -D 172.16.1.1 80 8080"},
    {"-F -p deny", "-F -a m -S 192.168.1.0/24 -W ppp0", "-I -a deny -W ppp0 -S 10.0.0.0/8 -o",
     "-I -a accept -P tcp -S 192.168.1.0/24 -D 0/0 80 81 -r 3128",
     "-O -a reject -P tcp -D 0/0 25 119", "-A in -a -W eth0 -P tcp -D 0/0 80 -o",
     "-A out -a -P tcp -k -S 10.0.0.1 -o", "-A -a -b -S 10.0.0.0/8 -D 192.168.1.0/24 -o"},
};

TEST_CASE("verify: one thing changed in a table of ipfwadm's is found") {
    std::vector<fw::Ruleset> rulesets;
    for (const std::vector<std::string>& lines : strict_ipfwadm_rulesets) {
        Golden strict{"", lines};
        strict.dialect = fw::Dialect::ipfwadm;
        rulesets.push_back(ruleset_of(strict));
    }
    const unsigned tried = rounds(64);
    CHECK(found_mutants(rulesets, tried) + 9 >= tried);
}

TEST_CASE("verify: a difference is told in one line, and a text that is no table is an error") {
    const fw::Ruleset ruleset =
        ruleset_of(std::vector<std::string>{"-A input -p tcp -d 0/0 80 -i eth0 -j DENY"});
    const std::string start =
        "table ip firewall {\n    chain input {\n"
        "        type filter hook prerouting priority mangle; policy accept;\n"
        "        ip frag-off & 0x1fff == 0x1 ip protocol tcp drop\n";
    const fw::Verification result =
        verified(ruleset, start + "        iifname \"eth0\" tcp dport 81 drop\n    }\n}\n");
    CHECK(result.different > 0);
    REQUIRE_FALSE(result.differences.empty());
    CHECK(result.differences.size() <= 20);
    const std::string expected =
        "input (arriving): tcp 198.51.100.7:1025 -> 203.0.113.9:80 flags 0x02 on eth0, 120 bytes: "
        "denied by the rules, accepted by the table";
    CHECK(std::count(result.differences.begin(), result.differences.end(), expected) > 0);
    const auto broken = fw::verify_translation(ruleset, start + "        ip sadr 1.2.3.4 drop\n");
    REQUIRE_FALSE(broken);
    CHECK(broken.error().code == fw::Code::usage);
    CHECK(broken.error().word == "line 5");
}
