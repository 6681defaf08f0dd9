// The smaller parts of a rule, each from the words that were typed for it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/rule.h"
#include "fw/ruleset.h"
#include "parse/typed.h"

namespace fw {

// Lines that a command draws though it is legal; see Command. The original's own warnings, and
// others of their kind, are notices: whoever reads its standard output knows lines that begin with
// "Warning:". Its standard error stays silent but for what can only be a slip: cautions.
struct Remarks {
    std::vector<std::string> notices;
    std::vector<std::string> cautions;
};

// -p: a number up to 65535, or a name, `all` among them. No option is all.
[[nodiscard]] Result<ProtocolMatch> parse_protocol(const Given* given, const Names& names);

// -i: a name of up to 15 bytes, or a prefix of one with a + behind it.
[[nodiscard]] Result<InterfaceMatch> parse_interface(const Given* given, Remarks& remarks);

// -m: a number; with a sign it is added. Adding nothing is no mark at all.
[[nodiscard]] Result<std::optional<Mark>> parse_mark(const Given* given, Remarks& remarks);

// -o: how many bytes to copy, all by default.
[[nodiscard]] Result<std::optional<std::uint16_t>> parse_output(const Given* given);

// -t: two masks of one byte, hexadecimal. The notices are what the original warned of.
[[nodiscard]] Result<Tos> parse_tos(const Given* given, Remarks& remarks);

// -j: a target or the name of a chain; `port` only for REDIRECT.
[[nodiscard]] Result<Target> parse_target(const Given* given, Word port,
                                          const ProtocolMatch& protocol, const Names& names);

// The name of a chain, which may or may not exist.
[[nodiscard]] Result<std::string> parse_chain(Word word);

// The policy behind -P and a chain, which must be a built-in one.
[[nodiscard]] Result<Policy> parse_policy(const Given& given);

// The number of a rule, 1 or more.
[[nodiscard]] Result<std::uint32_t> parse_position(const Given& given);

}  // namespace fw
