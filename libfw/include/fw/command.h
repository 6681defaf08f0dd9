// Commands as values: what a command line asks for, once its words are understood and its names
// looked up. `apply` carries one out on a ruleset in memory with the original's rules and errors.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fw/packet.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace [[gnu::visibility("default")]] fw {

// One typed rule can stand for several: a name with several addresses, or -b. They go in together.
struct Append {
    std::string chain;
    std::vector<Rule> rules;
};
// `position` 1 is before the first rule; several rules go in one after the other at that position,
// each before the one that went in last, as the original did.
struct Insert {
    std::string chain;
    std::uint32_t position = 1;
    std::vector<Rule> rules;
};
struct Replace {
    std::string chain;
    std::uint32_t position = 1;
    Rule rule;  // takes over the counters of the rule that it replaces
};
struct DeleteAt {
    std::string chain;
    std::uint32_t position = 1;
};
struct DeleteMatching {
    std::string chain;
    std::vector<Rule> rules;  // for each, the first that is the same goes; see Outcome::complaint
};
// An absent chain means all of them.
struct Flush {
    std::optional<std::string> chain;
};
struct Zero {
    std::optional<std::string> chain;
};
struct NewChain {
    std::string chain;
};
struct DeleteChain {
    std::optional<std::string> chain;
};
struct SetPolicy {
    std::string chain;
    Policy policy = Policy::accept;
};

// Masquerading backwards, see forward.h. An entry that is there already (the same but for the
// preference of a PortForward or MarkForward, or the ports of a Helper) takes over the new one's.
struct AddForward {
    Forward forward;
    bool only_if_there = false;  // Code::refused unless it is an entry that is there already
};
// Code::refused if there is none such.
struct DeleteForwards {
    // All that agree: an `inner` of 0.0.0.0 (of a port, mark or range) stands for any, a mark's
    // `inner_port` of 0 and a control's `port` of 0 likewise; preferences, `timed` and a helper's
    // ports do not matter.
    Forward like;
};
// Those that agree with `like` as above, if there are any, give way to these; what is among both
// stays.
struct ReplaceForwards {
    Forward like;
    std::vector<Forward> forwards;
};
struct FlushForwards {
    ForwardKind kind = ForwardKind::port;
};
// The entry for the mark whose turn it is goes behind the others for that mark.
struct RotateForwards {
    std::uint32_t mark = 0;
};

// A change to a ruleset.
using Change = std::variant<Append, Insert, Replace, DeleteAt, DeleteMatching, Flush, Zero,
                            NewChain, DeleteChain, SetPolicy, AddForward, DeleteForwards,
                            ReplaceForwards, FlushForwards, RotateForwards>;

// Questions and the rest.
struct List {
    std::optional<std::string> chain;
    bool zero = false;  // -L -Z: clear the counters that are shown, in the same step
};
struct Check {
    std::string chain;
    std::vector<Packet> packets;
    std::vector<Rule> rules;  // the same packets as typed, for what -v prints
};
struct ListMasquerading {};
// Seconds; 0 leaves a timeout alone.
struct SetTimeouts {
    std::uint32_t tcp = 0;
    std::uint32_t tcp_fin = 0;
    std::uint32_t udp = 0;
};
struct Help {
    bool icmp = false;
};
struct Version {};

using Action = std::variant<Change, List, Check, ListMasquerading, SetTimeouts, Help, Version>;

// How to show things: the options that go with any command.
struct Presentation {
    bool numeric = false;       // -n
    bool verbose = false;       // -v
    bool exact = false;         // -x
    bool line_numbers = false;  // --line-numbers
    bool extended = false;      // ipfwadm -e
};

// A whole command line.
struct Command {
    Action action;
    Presentation show;
    bool warnings = true;               // no --no-warnings
    std::vector<std::string> notices;   // lines for standard output before anything else (TOS)
    std::vector<std::string> cautions;  // lines for standard error: legal, but likely a mistake
    std::optional<std::string> state;   // --state FILE: our own options
    bool trace = false;                 // --trace
    bool dry_run = false;               // --dry-run
};

// What a change did that its words do not say.
struct Outcome {
    std::size_t foreign_removed = 0;  // other programs' rules that went with their chain
    // The table was made, and this other dialect of ours has one already: packets meet both.
    std::optional<Dialect> beside = {};
    // What could not be done beside what was: DeleteChain of all, DeleteMatching of several rules.
    std::optional<Error> complaint;
};

// Carries out a change, whole or not at all: on an error the ruleset is as it was.
[[nodiscard]] Result<Outcome> apply(Ruleset& ruleset, const Change& change);

// The error for a chain that is not there (Code::refused).
[[nodiscard]] Error no_such_chain(const std::string& name);

}  // namespace fw
