// Every recorded command line is understood or refused as the original did: a parse error is exit
// status 2, everything else gets past the parser.
#include <catch2/catch.hpp>

#include "file_names.h"
#include "fw/parse.h"
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

// Names of more than 8 bytes were refused; ours may have 31.
bool has_long_chain(const Line& words) {
    for (std::size_t i = 1; i + 1 < words.size(); ++i) {
        const bool names_chain = words[i].size() == 2 && words[i][0] == '-' &&
                                 std::string("ADRILFZCNXPj").find(words[i][1]) != std::string::npos;
        if (names_chain && words[i + 1].size() > 8) {
            return true;
        }
    }
    return false;
}

fw::Result<fw::Command> parse(const Line& words) {
    const Line arguments(words.begin() + 1, words.end());
    return fw::parse_ipchains(arguments, recorded_names());
}

void compare(const std::string& id, const recorded::Command& command) {
    if (command.words[0] != "ipchains" || has_long_chain(command.words)) {
        return;
    }
    const auto parsed = parse(command.words);
    const bool refused = command.exit == 2;
    INFO(id << ": " << joined(command.words) << " exit " << command.exit
            << (parsed ? "" : "; " + parsed.error().word + ": " + parsed.error().problem));
    CHECK(parsed.ok() != refused);
    if (parsed) {
        const bool warned = command.output.find("Warning:") != std::string::npos;
        const bool warns = std::any_of(parsed->notices.begin(), parsed->notices.end(),
                                       [](const std::string& notice) {
                                           return notice.starts_with("Warning: -t ");
                                       });
        CHECK(warned == warns);  // what else we warn of, the original did not know
    } else {
        CHECK((parsed.error().code == fw::Code::usage ||
               parsed.error().code == fw::Code::unresolved));
    }
}

}  // namespace

TEST_CASE("recorded command lines parse, or fail, as they did") {
    for (const recorded::Case& c : recorded::ipchains_cases()) {
        for (const recorded::Command& command : c.commands) {
            compare(c.id, command);
        }
    }
}

TEST_CASE("recorded random rules and checks parse as they did") {
    for (const recorded::Packets& p : recorded::ipchains_packets()) {
        for (const recorded::Command& command : p.rules) {
            compare(p.id, command);
        }
        for (const recorded::Command& command : p.checks) {
            compare(p.id, command);
        }
    }
}
