// A program of somebody else's: parses a command line, carries it out in memory, and asks what
// becomes of a packet.
#include <fw/command.h>
#include <fw/evaluate.h>
#include <fw/names.h>
#include <fw/parse.h>

#include <cstdio>
#include <string>
#include <vector>

int main() {
    const std::vector<std::string> words = {"-A", "input", "-s", "10.0.0.0/8", "-j", "DENY"};
    const auto names = fw::system_names();
    const auto command = fw::parse_ipchains(words, *names);
    if (!command) {
        std::fprintf(stderr, "%s\n", command.error().problem.c_str());
        return 1;
    }
    fw::Ruleset ruleset = fw::Ruleset::empty();
    if (!fw::apply(ruleset, std::get<fw::Change>(command->action))) return 1;

    fw::Packet packet;
    packet.source.value = 0x0a000001;
    const fw::Decision decision = fw::evaluate(ruleset, "input", packet);
    return decision.verdict == fw::Verdict::deny ? 0 : 1;
}
