// Commands of old programs, carried out one after the other on a ruleset in memory: what a list of
// command lines, or a whole script, leaves behind.
//
// Programs, by the last part of their path: ipchains, ipchains-restore, ipfwadm, ipfwadm-wrapper,
// ipmasqadm, ipportfw, ipautofw, ipfwd, and modprobe, insmod and rmmod for the modules ip_masq_*.
// The ruleset is of the dialect whose rules there are in the end; rules of both are an error, for
// they live in two tables. Commands that only
// list, check or save do nothing. A command that fails changes nothing and is reported; those
// behind it are carried out all the same, as in a script.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "fw/names.h"
#include "fw/ruleset.h"
#include "fw/saved.h"
#include "fw/translate.h"

namespace fw::translate {

struct ScriptCommand {
    std::string program;             // as it was called: "ipchains", "/sbin/ipchains"
    std::vector<std::string> words;  // behind the program's name
    std::string input = {};          // standard input: of ipchains-restore the saved rules
    SourceLine source;
};

struct Replayed {
    Ruleset ruleset;  // each rule's `line` is the number of its entry in `sources`, from 1
    // One for each command, in their order; behind them, those of the lines of saved rules that
    // ipchains-restore was given.
    std::vector<SourceLine> sources;
    std::vector<LineError> errors;    // `line` as in rules
    std::vector<LineError> cautions;  // likewise; what the programs would have warned of
};

[[nodiscard]] Replayed replay(std::span<const ScriptCommand> commands, const Names& names);

}  // namespace fw::translate
