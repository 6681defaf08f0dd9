// Every recorded case of the original, in process: what each command and each packet printed, its
// exit status, and the kernel's tables at the end.
#include <catch2/catch.hpp>

#include <map>

#include "file_names.h"
#include "firewall.h"
#include "fw/print.h"
#include "recorded.h"

namespace {

using recorded::Case;
using recorded::Command;

std::string joined(const std::vector<std::string>& words) {
    std::string line;
    for (const std::string& word : words) {
        line += (line.empty() ? "" : " ") + word;
    }
    return line;
}

// Warnings are our own words.
std::string without_warnings(const std::string& text) {
    std::string kept;
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size() - 1) + 1;
        const std::string line = text.substr(at, end - at);
        kept += line.starts_with("Warning:") ? "" : line;
        at = end;
    }
    return kept;
}

firewall::Run run(fw::Ruleset& ruleset, const Command& command, const fw::Names& names) {
    const std::span<const std::string> words = std::span(command.words).subspan(1);
    return command.words[0] == "pkt" ? firewall::pkt(ruleset, words)
                                     : firewall::ipchains(ruleset, words, names);
}

// "" if all is as it was recorded, else what is not.
std::string difference(const Case& recorded, const fw::Names& names) {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    for (const Command& command : recorded.commands) {
        if (command.words[0] == "ipchains-save") {
            continue;
        }
        const firewall::Run got = run(ruleset, command, names);
        if (got.exit != command.exit) {
            return joined(command.words) + ": exit " + std::to_string(got.exit) + ", not " +
                   std::to_string(command.exit) + " " + got.problem;
        }
        if (got.answered && without_warnings(got.output) != without_warnings(command.output)) {
            return joined(command.words) + " printed\n" + got.output + "not\n" + command.output;
        }
    }
    if (fw::print_proc_fwnames(ruleset) != recorded.fwnames) {
        return "ip_fwnames\n" + fw::print_proc_fwnames(ruleset) + "not\n" + recorded.fwnames;
    }
    if (fw::print_proc_fwchains(ruleset) != recorded.fwchains) {
        return "ip_fwchains\n" + fw::print_proc_fwchains(ruleset) + "not\n" + recorded.fwchains;
    }
    return "";
}

}  // namespace

TEST_CASE("every recorded command prints what the original printed", "[recorded]") {
    const fw::Names& names = recorded_names();
    std::map<std::string, std::pair<int, int>> passed;  // by group: those that pass, all
    for (const Case& recorded : recorded::ipchains_cases()) {
        if (recorded.group == "restore") {
            continue;
        }
        const std::string wrong = difference(recorded, names);
        passed[recorded.group].first += wrong.empty() ? 1 : 0;
        passed[recorded.group].second += 1;
        INFO(recorded.id << ": " << wrong);
        CHECK(wrong.empty());
    }
    for (const auto& [group, count] : passed) {
        INFO(group << ": " << count.first << " of " << count.second);
        CHECK(count.first == count.second);
    }
}
