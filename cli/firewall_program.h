// The programs ipchains and ipfwadm. They differ in their language, and in what they say of
// themselves; all else is here: a command line is parsed, asks or changes a store, and is answered.
#pragma once

#include <span>
#include <string>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace cli {

struct FirewallProgram {
    fw::Dialect dialect = fw::Dialect::ipchains;
    fw::Result<fw::Command> (*parse)(std::span<const std::string>, const fw::Names&) = nullptr;
    std::string (*help)(const fw::Help&) = nullptr;
    std::string (*version)() = nullptr;
};

// The whole program; returns its exit status.
[[nodiscard]] int run_firewall_program(const FirewallProgram& program, int argc, char** argv);

}  // namespace cli
