// Saved rules: what `ipchains-save` prints and `ipchains-restore` reads (ipchains 1.3.9), also as
// people wrote it by hand in /etc/sysconfig/ipchains; and the commands that `ipfwadm-save` prints.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/command.h"
#include "fw/names.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace [[gnu::visibility("default")]] fw {

// The chain named, which must exist, or all of them: `:chain POLICY` lines, then one `-A ...` line
// a rule. With `counters`, a comment behind each line that the original program skips and `restore`
// understands.
[[nodiscard]] std::string print_saved(const Ruleset& ruleset,
                                      const std::optional<std::string>& chain, bool counters);

// What `ipfwadm-save` prints: the commands of ipfwadm that make the firewall what it is, for a
// shell to run: policies, lists emptied, then a line a rule. With `counters`, those of a rule are
// in a comment below its line, whole: `# [packets:bytes]`.
[[nodiscard]] std::string print_ipfwadm_commands(const Ruleset& ruleset, bool counters);

struct RestoreOptions {
    bool flush = false;        // -f: a user chain that exists is emptied without asking
    bool make_chains = false;  // -p: targets that do not exist are made
    bool verbose = false;      // -v
    bool counters = false;     // -c: take over the counters in the text
};

// An error, and the line (from 1) that it is in.
struct LineError {
    std::uint32_t line = 0;
    Error error;
};

struct Restored {
    std::string out;  // what the original said on standard output
    std::string err;  // and on standard error
    std::vector<LineError>
        errors;  // all of them, in order; if there is any, the ruleset is as it was
};

// Whether a user chain that exists already is to be flushed; otherwise the lines about it are
// skipped. Asked once for each such line, and not at all with RestoreOptions::flush.
class AskToFlush {
public:
    virtual ~AskToFlush() = default;
    [[nodiscard]] virtual bool flush(const std::string& chain) = 0;
};

// Carries out the lines of `text` on the ruleset, all or nothing. Each rule knows its line.
[[nodiscard]] Restored restore(Ruleset& ruleset, std::string_view text,
                               const RestoreOptions& options, const Names& names, AskToFlush* ask);

}  // namespace fw
