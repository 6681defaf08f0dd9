// The explanation of a decision.
#include <catch2/catch.hpp>

#include "file_names.h"
#include "firewall.h"
#include "fw/print.h"
#include "packet_options.h"

using namespace fw;

namespace {

std::vector<std::string> words(const std::string& line) {
    std::vector<std::string> all;
    for (std::size_t at = 0; at < line.size();) {
        const std::size_t end = std::min(line.find(' ', at), line.size());
        all.push_back(line.substr(at, end - at));
        at = end + 1;
    }
    return all;
}

Ruleset made_by(std::initializer_list<const char*> lines) {
    Ruleset ruleset = Ruleset::empty();
    for (const char* line : lines) {
        REQUIRE(firewall::ipchains(ruleset, words(line), recorded_names()).exit == 0);
    }
    return ruleset;
}

std::string trace(const Ruleset& ruleset, const std::string& packet) {
    const auto request = packets::parse_packet_options(words(packet));
    REQUIRE(request.ok());
    const Decision decision = evaluate(ruleset, request->hook, request->packet, Tracing::on);
    return print_trace(ruleset, decision, recorded_names());
}

}  // namespace

TEST_CASE("a trace tells the way of a packet from rule to rule") {
    const Ruleset ruleset = made_by({
        "-N web",
        "-A input -p udp -j DENY",
        "-A input -s ! 10.0.0.0/8 -i eth+ -j DENY -l",
        "-A input -p tcp -y -d 10.0.0.2 80 -j web",
        "-A input -j REJECT -l",
        "-A web -s 10.1.0.0/16 -j DENY",
        "-A web -t 01 10 -m 5",
    });
    CHECK(trace(ruleset, "--syn") ==
          "input 1: DENY udp 0.0.0.0/0 -> 0.0.0.0/0: no, the protocol is tcp, not udp\n"
          "input 2: DENY all -i eth+ !10.0.0.0/8 -> 0.0.0.0/0: no, the source address 10.0.0.1 "
          "is in 10.0.0.0/8\n"
          "input 3: web tcp -y 0.0.0.0/0 -> 10.0.0.2 80: matches, on to chain web\n"
          "web 1: DENY all 10.1.0.0/16 -> 0.0.0.0/0: no, the source address 10.0.0.1 is not in "
          "10.1.0.0/16\n"
          "web 2: - all 0.0.0.0/0 -> 0.0.0.0/0: matches, changes its TOS, sets its mark, counts it "
          "and goes on\n"
          "web: back to chain input\n"
          "input 4: REJECT all 0.0.0.0/0 -> 0.0.0.0/0: matches, logs it\n"
          "The packet is rejected by rule 4 of chain input\n");
}

TEST_CASE("a trace ends with what decided") {
    const Ruleset ruleset = made_by({"-N a", "-P forward DENY", "-A output -p tcp -j RETURN",
                                     "-A input -p tcp -j REDIRECT", "-A a -j a"});
    struct {
        const char* packet;
        const char* last;
    } const table[] = {
        {"--hook forward",
         "forward: policy DENY\n"
         "The packet is denied by the policy of chain forward\n"},
        {"--hook output",
         "output 1: RETURN tcp 0.0.0.0/0 -> 0.0.0.0/0: matches, returns\n"
         "output: policy ACCEPT\n"
         "The packet is accepted by the policy of chain output\n"},
        {"--dport 25",
         "input 1: REDIRECT tcp 0.0.0.0/0 -> 0.0.0.0/0: matches\n"
         "The packet is redirected to port 25 by rule 1 of chain input\n"},
        {"--frag 1",
         "input: dropped before any rule: a fragment that could rewrite ports\n"
         "The packet is denied before any rule\n"},
        {"--hook a",
         "a 1: a all 0.0.0.0/0 -> 0.0.0.0/0: matches, on to chain a\n"
         "The packet is caught in a loop and dropped by rule 1 of chain a\n"},
    };
    for (const auto& row : table) {
        CHECK(trace(ruleset, row.packet) == row.last);
    }
}

TEST_CASE("a check that starts in a user chain may end without a verdict") {
    const Ruleset ruleset = made_by({"-N a"});
    CHECK(trace(ruleset, "--hook a") == "a: the end\nThe packet passes through the chain\n");
}
