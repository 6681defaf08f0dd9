// The command line of fw-translate.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "fw/result.h"
#include "fw/translate.h"
#include "translate/commands.h"

namespace translating {

enum class Language { nft, ipchains };

// With --run: the machine that the script expects, see sandbox/run.h.
struct Machine {
    std::vector<std::string> interfaces;  // "eth0=10.0.0.1/24"
    std::string gateway;
    std::string etc;
    std::string kernel;    // empty: the usual one
    unsigned seconds = 0;  // likewise 0
    std::string sysctl;    // a file for the settings that it changed
};

struct Options {
    Language to = Language::nft;
    std::optional<fw::translate::Kind> from;  // nothing: as it looks
    std::string out;                          // empty: standard output
    fw::TranslateOptions translation;
    bool verify = false;
    std::string hosts;               // a file with names of hosts, asked before the machine's own
    std::vector<std::string> files;  // "-" is standard input; with `run` the script, and its words
    bool run = false;
    Machine machine;
    bool help = false;
    bool version = false;
};

[[nodiscard]] fw::Result<Options> parse_options(int argc, const char* const* argv);

[[nodiscard]] const char* help_text();

}  // namespace translating
