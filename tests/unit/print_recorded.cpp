// Every recorded case of the originals, in process: what each command and each packet printed, its
// exit status, and the kernel's tables at the end.
#include <catch2/catch.hpp>

#include <map>
#include <span>

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
    return command.words[0].starts_with("pkt")       ? firewall::pkt(ruleset, words)
           : ruleset.dialect == fw::Dialect::ipfwadm ? firewall::ipfwadm(ruleset, words, names)
                                                     : firewall::ipchains(ruleset, words, names);
}

// "" if all is as it was recorded, else what is not.
std::string difference(const Case& recorded, fw::Dialect dialect, const fw::Names& names) {
    fw::Ruleset ruleset = fw::Ruleset::empty(dialect);
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
    const std::pair<std::string, std::string> ends[] = {
        {fw::print_proc_fwnames(ruleset), recorded.fwnames},
        {fw::print_proc_fwchains(ruleset), recorded.fwchains},
        {fw::print_proc_ipfwadm(ruleset), recorded.proc20}};
    const bool ipfwadm = dialect == fw::Dialect::ipfwadm;
    for (const auto& [got, wanted] : std::span(ends).subspan(ipfwadm ? 2 : 0, ipfwadm ? 1 : 2)) {
        if (got != wanted) {
            return "the kernel has\n" + got + "not\n" + wanted;
        }
    }
    return "";
}

void check(const std::vector<Case>& cases, fw::Dialect dialect) {
    const fw::Names& names = recorded_names();
    std::map<std::string, std::pair<int, int>> passed;  // by group: those that pass, all
    for (const Case& recorded : cases) {
        if (recorded.group == "restore") {
            continue;
        }
        const std::string wrong = difference(recorded, dialect, names);
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

}  // namespace

TEST_CASE("every recorded command prints what the original printed", "[recorded]") {
    check(recorded::ipchains_cases(), fw::Dialect::ipchains);
}

TEST_CASE("every recorded command of ipfwadm prints what the original printed", "[recorded]") {
    check(recorded::ipfwadm_cases(), fw::Dialect::ipfwadm);
}
