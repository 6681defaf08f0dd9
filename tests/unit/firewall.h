// A firewall in memory that takes command lines as the original did: parse, apply, print. What the
// program itself adds (error texts, help, the kernel) is left out.
#pragma once

#include <span>
#include <string>

#include "fw/names.h"
#include "fw/ruleset.h"

namespace firewall {

struct Run {
    int exit = 0;
    std::string output;
    std::string problem;   // of an error, for messages of failed tests
    bool answered = true;  // false: -h, -V and -M, which are not done here
};

// One command line of ipchains, without the program's name.
//
// The original let chains loop, and the recordings have some; where `apply` refuses a loop, the
// rule is put in all the same.
Run ipchains(fw::Ruleset& ruleset, std::span<const std::string> words, const fw::Names& names);

// One of ipfwadm, likewise. What it refuses has the exit status 255, and so has -c of a packet that
// is masqueraded or redirected.
Run ipfwadm(fw::Ruleset& ruleset, std::span<const std::string> words, const fw::Names& names);

// One packet of `pkt` or `pkt20`: evaluated, counted and answered.
Run pkt(fw::Ruleset& ruleset, std::span<const std::string> words);

}  // namespace firewall
