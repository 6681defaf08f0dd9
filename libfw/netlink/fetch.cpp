#include "netlink/fetch.h"

#include <cerrno>
#include <optional>
#include <utility>

#include "netlink/dump.h"
#include "netlink/messages.h"
#include "netlink/watch.h"

namespace fw::netlink {

namespace {

using nft::KernelRule;
using nft::KernelTable;

// So many attempts before it is worth while to find out what the others change.
constexpr int attempts_unwatched = 3;

Result<bool> dump_chains(Session& session, KernelTable& table) {
    Requests chains(session);
    chains.add(NFT_MSG_GETCHAIN, NLM_F_DUMP);
    const Result<int> outcome = session.dump(chains.bytes(), [&](const nlmsghdr& message) {
        read_chain(message, session.table(), table);
    });
    if (!outcome || (*outcome != 0 && *outcome != EINTR)) {
        return outcome ? dump_error(*outcome) : outcome.error();
    }
    return *outcome == 0;
}

// One attempt; true if the table stood still meanwhile.
Result<bool> try_fetch(Session& session, Watch* watch, const std::vector<std::string>& only,
                       KernelTable& table) {
    table = {};
    Result<Glance> before = glance(session, {});
    if (!before) {
        return before.error();
    }
    table.generation = before->generation;
    Result<bool> whole = dump_chains(session, table);
    if (!whole || !*whole) {
        return whole;
    }
    Reading reading{session.table(), table};
    const Receiver receiver = [&](const nlmsghdr& message) { read_rule(message, reading); };
    // Chain by chain: for each piece of a dump the kernel counts its way to where it was, from the
    // first rule that was asked for (Linux 6.18).
    std::vector<std::string> wanted = only;
    if (only.empty()) {
        for (const nft::KernelChain& chain : table.chains) {
            wanted.push_back(chain.name);
        }
    }
    bool quiet = true;
    for (const std::string& chain : wanted) {
        if (!only.empty() && table.find(chain) == nullptr) {
            continue;
        }
        whole = dump_rules(session, NFT_MSG_GETRULE, chain, receiver);
        if (!whole) {
            return whole;
        }
        quiet = quiet && *whole;
    }
    // The dumps belong together only if nothing changed in between.
    const Result<Glance> after = glance(session, {});
    if (!after) {
        return after.error();
    }
    if (reading.torn) {
        return false;
    }
    if (watch != nullptr) {
        return watch->undisturbed(after->generation);
    }
    return quiet && after->generation == table.generation;
}

}  // namespace

Result<KernelTable> fetch_table(Session& session, Watch* watch,
                                const std::vector<std::string>& only) {
    KernelTable table;
    std::optional<Watch> own;
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        const Result<bool> quiet = try_fetch(session, watch, only, table);
        if (!quiet) {
            return quiet.error();
        }
        if (*quiet) {
            return table;
        }
        if (watch == nullptr && attempt + 1 >= attempts_unwatched) {
            Result<Watch> opened = Watch::open(session.table());
            if (!opened) {
                return opened.error();
            }
            watch = &own.emplace(std::move(*opened));
        } else if (watch != nullptr) {
            if (Status status = watch->restart(); !status) {
                return status.error();
            }
        }
    }
    return busy();
}

Result<std::vector<KernelRule>> fetch_rules(Session& session, const std::string& chain) {
    for (int attempt = 0; attempt < most_attempts; ++attempt) {
        KernelTable table;
        table.chains.push_back({chain, false, {}});
        Reading reading{session.table(), table};
        const Result<bool> whole =
            dump_rules(session, NFT_MSG_GETRULE, chain,
                       [&](const nlmsghdr& message) { read_rule(message, reading); });
        if (!whole) {
            return whole.error();
        }
        if (*whole) {
            return std::move(table.chains.front().rules);
        }
    }
    return busy();
}

Result<Glance> glance(Session& session, const std::vector<std::string>& chains) {
    Requests requests(session);
    requests.add(NFT_MSG_GETGEN, 0);
    for (const std::string& chain : chains) {
        requests.add(NFT_MSG_GETCHAIN, 0)
            .text(NFTA_CHAIN_TABLE, session.table())
            .text(NFTA_CHAIN_NAME, chain);
    }
    Glance seen;
    const Result<int> outcome =
        session.ask(requests.bytes(), 1 + chains.size(), [&](const nlmsghdr& message) {
            if (message.nlmsg_type == message_type(NFT_MSG_NEWGEN)) {
                seen.generation = read_generation(message);
            } else {
                read_chain(message, session.table(), seen.table);
            }
        });
    if (!outcome) {
        return outcome.error();
    }
    if (*outcome != 0 && *outcome != ENOENT) {
        return dump_error(*outcome);
    }
    return seen;
}

}  // namespace fw::netlink
