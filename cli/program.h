// What the programs that work on a firewall have in common: what they say and where, and how they
// find the firewall.
#pragma once

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "fw/command.h"
#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/store.h"

namespace cli {

// Exit statuses; a command line that is wrong is cli::exit_status's.
inline constexpr int done = 0;
inline constexpr int refused = 1;

void say(std::string_view text, std::FILE* to = stdout);

// Says what is wrong on standard error, in `program`'s name, behind all that was said before.
// Returns the exit status.
[[nodiscard]] int fail(std::string_view program, const fw::Error& error);
[[nodiscard]] int fail(fw::Dialect program, const fw::Error& error);

// A line on standard error that is no error.
void caution(std::string_view program, std::string_view text);

// Likewise, of what a change did that nobody asked for.
void tell(std::string_view program, const fw::Outcome& outcome);

// What a program says to --version; `original` is the version of what it stands in for, if any.
[[nodiscard]] std::string version_line(std::string_view program,
                                       std::string_view original = "1.3.9");

// The file that the firewall is in, if it is not in the kernel: `option`, or what the variable
// IPCHAINS_STATE (or IPFWADM_STATE) says.
[[nodiscard]] std::optional<std::string> state_file(const std::optional<std::string>& option,
                                                    fw::Dialect dialect = fw::Dialect::ipchains);

// The firewall in that file or in the kernel, with the administrator's settings.
[[nodiscard]] fw::Result<std::unique_ptr<fw::Store>> open_store(
    std::string_view program, const std::optional<std::string>& file,
    fw::Dialect dialect = fw::Dialect::ipchains);

// All that a file (or, of an empty name, standard input) holds, but for a byte order mark before it
// and a ^Z behind it.
[[nodiscard]] fw::Result<std::string> read_text(const std::string& path);

// The status that a program ends with: a full disk or a closed pipe must not look like success.
[[nodiscard]] int finish(int status);

}  // namespace cli
