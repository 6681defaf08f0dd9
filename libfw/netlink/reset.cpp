#include <algorithm>
#include <cerrno>
#include <unordered_map>

#include "netlink/dump.h"
#include "netlink/fetch.h"
#include "netlink/messages.h"

namespace fw::netlink {

namespace {

using nft::KernelChain;
using nft::KernelRule;
using nft::KernelTable;

bool has_foreign(const KernelChain& chain) {
    return std::any_of(chain.rules.begin(), chain.rules.end(),
                       [](const KernelRule& rule) { return !rule.kind; });
}

// Counters as they were when they were cleared, by handle. What is cleared twice, because a dump
// had to be repeated, adds up.
using Cleared = std::unordered_map<std::uint64_t, Counters>;

Receiver collect_into(const Session& session, Cleared& cleared, const std::string& chain) {
    return [&cleared, chain, name = session.table()](const nlmsghdr& message) {
        KernelTable table;
        table.chains.push_back({chain, false, {}});
        Reading reading{name, table};
        read_rule(message, reading);
        for (const KernelRule& rule : table.chains.front().rules) {
            cleared[rule.handle] += rule.counters;
        }
    };
}

// By one dump, again until no rule is left out because others came or went under it.
Status reset_by_dump(Session& session, const KernelChain& chain, Cleared& cleared) {
    const Receiver receiver = collect_into(session, cleared, chain.name);
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const Result<bool> whole = dump_rules(session, get_rule_reset, chain.name, receiver);
        if (!whole) {
            return whole.error();
        }
        const bool all = std::all_of(chain.rules.begin(), chain.rules.end(), [&](const auto& rule) {
            return cleared.count(rule.handle) != 0;
        });
        if (*whole || all) {
            break;
        }
    }
    return Done{};
}

// One by one, some in a request: their answers have to fit the socket's buffer.
Status reset_by_handle(Session& session, const KernelChain& chain, Cleared& cleared) {
    constexpr std::size_t at_once = 32;
    const Receiver receiver = collect_into(session, cleared, chain.name);
    auto rule = chain.rules.begin();
    for (;;) {
        Requests requests(session);
        std::size_t count = 0;
        for (; rule != chain.rules.end() && count < at_once; ++rule) {
            if (rule->kind) {
                requests.add(get_rule_reset, 0)
                    .text(NFTA_RULE_TABLE, session.table())
                    .text(NFTA_RULE_CHAIN, chain.name)
                    .number(NFTA_RULE_HANDLE, rule->handle);
                ++count;
            }
        }
        if (count == 0) {
            return Done{};
        }
        const Result<int> outcome = session.ask(requests.bytes(), count, receiver);
        if (!outcome || (*outcome != 0 && *outcome != ENOENT)) {
            return outcome ? dump_error(*outcome) : outcome.error();
        }
    }
}

}  // namespace

Status reset_counters(Session& session, KernelChain& chain) {
    Cleared cleared;
    Status status = has_foreign(chain) ? reset_by_handle(session, chain, cleared)
                                       : reset_by_dump(session, chain, cleared);
    for (KernelRule& rule : chain.rules) {
        if (rule.kind) {
            rule.counters = cleared[rule.handle];
        }
    }
    return status;
}

}  // namespace fw::netlink
