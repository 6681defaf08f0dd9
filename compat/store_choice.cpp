#include "store_choice.h"

#include <vector>

#include "program.h"

namespace compat {

namespace {

using fw::Dialect;

// The files that the variables name; none if the kernel is meant.
std::vector<Firewall> files_of_variables() {
    std::vector<Firewall> found;
    for (const Dialect dialect : {Dialect::ipchains, Dialect::ipfwadm}) {
        if (const auto file = cli::state_file(std::nullopt, dialect)) {
            found.push_back({dialect, file});
        }
    }
    return found;
}

fw::Result<Firewall> in_file(const Firewall& named) {
    const fw::Result<std::optional<Dialect>> held = fw::dialect_of_file(*named.file);
    if (!held) {
        return held.error();
    }
    return Firewall{held->value_or(named.dialect), named.file};
}

// Those of the files that hold what they are named for.
fw::Result<std::vector<Firewall>> in_files(const std::vector<Firewall>& named) {
    std::vector<Firewall> found;
    for (const Firewall& firewall : named) {
        const fw::Result<std::optional<Dialect>> held = fw::dialect_of_file(*firewall.file);
        if (!held) {
            return held.error();
        }
        if (*held == firewall.dialect) {
            found.push_back(firewall);
        }
    }
    return found;
}

fw::Result<std::vector<Firewall>> in_kernel() {
    const fw::Result<std::vector<Dialect>> present = fw::firewalls_present();
    if (!present) {
        return present.error();
    }
    std::vector<Firewall> found;
    for (const Dialect dialect : *present) {
        found.push_back({dialect});
    }
    return found;
}

}  // namespace

fw::Result<Firewall> choose_firewall(const char* program, const std::optional<std::string>& state,
                                     Serves serves) {
    if (serves == Serves::ipchains) {
        return Firewall{Dialect::ipchains, cli::state_file(state)};
    }
    const std::vector<Firewall> named =
        state ? std::vector<Firewall>{{Dialect::ipchains, state}} : files_of_variables();
    if (named.size() == 1) {
        return in_file(named.front());
    }
    const fw::Result<std::vector<Firewall>> found = named.empty() ? in_kernel() : in_files(named);
    if (!found) {
        return found.error();
    }
    if (found->size() > 1) {
        cli::caution(program,
                     "there are rules of ipchains and of ipfwadm; this is about those of "
                     "ipchains (table ip ipchains)");
    }
    if (found->empty()) {
        return named.empty() ? Firewall{} : named.front();
    }
    return found->front();
}

fw::Result<std::unique_ptr<fw::Store>> open_store(const char* program, const Firewall& firewall) {
    return cli::open_store(program, firewall.file, firewall.dialect);
}

fw::Result<std::unique_ptr<fw::Store>> open_store(const char* program,
                                                  const std::optional<std::string>& state,
                                                  Serves serves) {
    const fw::Result<Firewall> firewall = choose_firewall(program, state, serves);
    if (!firewall) {
        return firewall.error();
    }
    return open_store(program, *firewall);
}

}  // namespace compat
