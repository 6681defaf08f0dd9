// What ipchains-restore and ipchains-apply both do with a file.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/saved.h"

namespace cli {

// fw::restore in the place of all rules and chains that there are, and nobody is asked. Policies
// that the text does not name stay, and so does what is forwarded: such files know nothing of it.
[[nodiscard]] fw::Restored replace(fw::Ruleset& ruleset, std::string_view text,
                                   const fw::RestoreOptions& options, const fw::Names& names);

// Makes a ruleset what it was once, or what it is to be: all but other programs' rules, which stay
// where their chains do.
void put_back(fw::Ruleset& now, fw::Ruleset wanted);

// Errors, each with its line, on standard error; many are cut short. Returns the exit status.
[[nodiscard]] int report(std::string_view program, const std::vector<fw::LineError>& errors);

// For Store::update: an error if the file has any, or if a question is open. It is for nobody's
// eyes.
[[nodiscard]] fw::Result<fw::Outcome> outcome_of(const fw::Restored& restored, bool open);

}  // namespace cli
