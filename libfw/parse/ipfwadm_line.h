// A command line of ipfwadm with its words sorted out: one category (A, F, I, O, M), one command
// (small letters), and options that go with both. No value is understood yet.
#pragma once

#include <span>
#include <string>

#include "fw/result.h"
#include "parse/lettered.h"

namespace fw {

struct IpfwadmLine {
    LetteredLine options;  // all of them, and the words behind each
    char category = 0;     // 0: --help (h) or --version, and nothing else matters
    char command = 0;      // l for -l -z, too
};

[[nodiscard]] Result<IpfwadmLine> read_ipfwadm(std::span<const std::string> words);

}  // namespace fw
