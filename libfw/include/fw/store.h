// Where a firewall lives: in the kernel, or in a file. Both behave the same in all but packets.
//
//     fw::Result<std::unique_ptr<fw::Store>> store = fw::open_kernel_store();
//     if (store) {
//         (*store)->commit(fw::SetPolicy{"input", fw::Policy::deny});
//     }
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "fw/command.h"
#include "fw/result.h"
#include "fw/ruleset.h"
#include "fw/settings.h"

namespace [[gnu::visibility("default")]] fw {

// Changes a ruleset at will. If it fails, what it made of the ruleset so far is thrown away.
using Edit = std::function<Result<Outcome>(Ruleset&)>;

class Store {
public:
    virtual ~Store() = default;

    // The present rules, with counters.
    [[nodiscard]] virtual Result<Ruleset> fetch() = 0;

    // The same, and clears the counters of the rules of `chain`, or of all chains (not those of the
    // policies), in the same step: what is returned has been counted, what comes later will be.
    [[nodiscard]] virtual Result<Ruleset> fetch_and_zero(
        const std::optional<std::string>& chain = {}) = 0;

    // Carries out a change, whole or not at all, whatever others do meanwhile.
    [[nodiscard]] virtual Result<Outcome> commit(const Change& change) = 0;

    // The same for any number of changes: all that `edit` did goes in as one step, counters of
    // rules and policies included. If others were faster, `edit` is called again, with the rules
    // as they are then.
    [[nodiscard]] virtual Result<Outcome> update(const Edit& edit) = 0;

    // The nft script that `commit` would run; changes nothing.
    [[nodiscard]] virtual Result<std::string> script(const Change& change) = 0;
};

// The table `ip ipchains` (or ipfwadm) of the network namespace that the program is in. Needs
// CAP_NET_ADMIN (Code::permission) and nf_tables (Code::unsupported). Linux 6.2 or later.
[[nodiscard]] Result<std::unique_ptr<Store>> open_kernel_store(const Settings& settings = {},
                                                               Dialect dialect = Dialect::ipchains);

// A file, made when first written. Concurrent users take turns (flock on FILE.lock beside it); the
// file is replaced as a whole and keeps its mode. Links to it are followed; what exists and is no
// regular file, or holds another dialect's rules, is refused (Code::refused).
[[nodiscard]] Result<std::unique_ptr<Store>> open_file_store(const std::string& path,
                                                             const Settings& settings = {},
                                                             Dialect dialect = Dialect::ipchains);

// Whose tables the kernel has. Errors as with open_kernel_store.
[[nodiscard]] Result<std::vector<Dialect>> firewalls_present();

// Whose rules the file holds; nobody's, if it does not exist yet or is empty.
[[nodiscard]] Result<std::optional<Dialect>> dialect_of_file(const std::string& path);

// For tools of our own that count packets without a kernel: replaces the file's rules.
[[nodiscard]] Status write_state_file(const std::string& path, const Ruleset& ruleset);

}  // namespace fw
