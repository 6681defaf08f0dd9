// Rulesets for tests, written as command lines.
#pragma once

#include <catch2/catch.hpp>
#include <string>
#include <vector>

#include "firewall.h"
#include "parse_lines.h"

// What the lines make of an empty firewall; each must succeed.
[[nodiscard]] inline fw::Ruleset ruleset_of(const std::vector<std::string>& lines) {
    fw::Ruleset ruleset = fw::Ruleset::empty();
    for (const std::string& line : lines) {
        const firewall::Run run = firewall::ipchains(ruleset, words_of(line), recorded_names());
        INFO(line << ": " << run.problem);
        REQUIRE(run.exit == 0);
    }
    return ruleset;
}

// The change that a line asks for.
[[nodiscard]] inline fw::Change change_of(const std::string& line) {
    const fw::Result<fw::Command> command = parse_line(line);
    INFO(line);
    REQUIRE(command);
    const auto* change = std::get_if<fw::Change>(&command->action);
    REQUIRE(change != nullptr);
    return *change;
}
