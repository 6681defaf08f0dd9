// Command lines: words in, a Command or a located Error out. No input or output but name look-ups
// through the Names that are handed in; the same words and names always give the same answer.
#pragma once

#include <span>
#include <string>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"

namespace [[gnu::visibility("default")]] fw {

// Facts about the machine that decide what is said, but not what is done.
struct Surroundings {
    bool forwarding_off = false;  // net.ipv4.ip_forward is 0, and standard input is a terminal
};

// The command line of ipchains 1.3.9 without the program's name. Errors carry Code::usage
// or Code::unresolved (exit status 2); what the kernel refused is `apply`'s to say.
[[nodiscard]] Result<Command> parse_ipchains(std::span<const std::string> words, const Names& names,
                                             Surroundings surroundings = {});

// The command line of ipfwadm 2.3.0 likewise. Its categories are the chains of a Dialect::ipfwadm
// ruleset; -M asks for ListMasquerading and SetTimeouts.
[[nodiscard]] Result<Command> parse_ipfwadm(std::span<const std::string> words, const Names& names);

}  // namespace fw
