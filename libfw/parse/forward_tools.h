// The command lines of the masquerading tools, one file each; see fw/masquerading_tools.h.
#pragma once

#include <cstdint>
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

// Which command it is, of those that have a letter; there must be nothing beside options.
[[nodiscard]] Result<char> chosen_command(const LetteredLine& line, std::string_view letters,
                                          std::string_view remedy);

// -p, where the tool has it; else the preference stays as it is.
[[nodiscard]] Status take_preference(const LetteredLine& line, std::uint32_t& preference);

// An option that the command can't do without.
[[nodiscard]] Result<const LetteredGiven*> needed(const LetteredLine& line, char letter,
                                                  std::string_view remedy);

}  // namespace fw
