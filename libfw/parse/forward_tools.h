// The command lines of the masquerading tools, one file each; see fw/masquerading_tools.h.
#pragma once

#include <span>
#include <string>

#include "fw/masquerading_tools.h"
#include "parse/lettered.h"

namespace fw {

// The parts of ipmasqadm: the words behind the part's name, which is the word before
// `first_position`.
[[nodiscard]] Result<MasqueradingCommand> parse_portfw(std::span<const std::string> words,
                                                       const Names& names, int first_position);
[[nodiscard]] Result<MasqueradingCommand> parse_mfw(std::span<const std::string> words,
                                                    const Names& names, int first_position);
[[nodiscard]] Result<MasqueradingCommand> parse_autofw(std::span<const std::string> words,
                                                       const Names& names, int first_position);

using MasqueradingAction = decltype(MasqueradingCommand::action);

// The command for an action, with the options that all tools have.
[[nodiscard]] Result<MasqueradingCommand> masquerading_command(const LetteredLine& line,
                                                               Result<MasqueradingAction> action);

// The error for the first word that belongs to nothing; there must be one.
[[nodiscard]] Error stray_word(const LetteredLine& line);

// An option that the command can't do without.
[[nodiscard]] Result<const LetteredGiven*> needed(const LetteredLine& line, char letter,
                                                  std::string_view remedy);

}  // namespace fw
