#include "netlink/watch.h"

#include <libmnl/libmnl.h>
#include <linux/netfilter.h>
#include <linux/netfilter/nf_tables.h>
#include <linux/netfilter/nfnetlink.h>

#include <cerrno>
#include <cstring>
#include <string_view>
#include <utility>

#include "netlink/attributes.h"
#include "netlink/fetch.h"
#include "netlink/messages.h"
#include "nft/ir.h"

namespace fw::netlink {

namespace {

// How many notices may come without a pause before we give up to have seen them all.
constexpr int most_notices = 100'000;

// The name of the table is the first attribute of all notices: tables, chains, rules, sets, ...
static_assert(NFTA_TABLE_NAME == 1 && NFTA_CHAIN_TABLE == 1 && NFTA_RULE_TABLE == 1 &&
              NFTA_SET_TABLE == 1 && NFTA_SET_ELEM_LIST_TABLE == 1 && NFTA_OBJ_TABLE == 1);

bool is_about(std::string_view table, const nlmsghdr& message) {
    const auto* general = static_cast<const nfgenmsg*>(mnl_nlmsg_get_payload(&message));
    if (general->nfgen_family != NFPROTO_IPV4) {
        return false;
    }
    bool ours = false;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NFTA_TABLE_NAME) {
            const char* name = mnl_attr_get_str(attribute);
            ours =
                std::string_view(name, strnlen(name, mnl_attr_get_payload_len(attribute))) == table;
        }
    });
    return ours;
}

bool is_generation(const nlmsghdr& message) {
    return message.nlmsg_type == (NFNL_SUBSYS_NFTABLES << 8 | NFT_MSG_NEWGEN);
}

// Generations wrap around.
bool reaches(std::uint32_t generation, std::uint32_t wanted) {
    return static_cast<std::int32_t>(generation - wanted) >= 0;
}

}  // namespace

Result<Watch> Watch::open(std::string_view table) {
    Result<Session> session = Session::open(table);
    if (!session) {
        return session.error();
    }
    if (Status status = session->listen(NFNLGRP_NFTABLES); !status) {
        return status.error();
    }
    Watch watch(std::move(*session));
    if (Status status = watch.restart(); !status) {
        return status.error();
    }
    return watch;
}

Status Watch::restart() {
    Result<bool> seen = undisturbed();
    if (!seen) {
        return seen.error();
    }
    disturbed_ = false;
    // A socket of its own: notices would stand between question and answer.
    Result<Session> other = Session::open(session_.table());
    if (!other) {
        return other.error();
    }
    const Result<Glance> present = glance(*other, {});
    if (!present) {
        return present.error();
    }
    generation_ = present->generation;
    return Done{};
}

// The kernel notifies of a generation's changes, then of the generation, before it works off the
// next batch (Linux 6.18): who has seen a generation has seen all that led to it.
Result<bool> Watch::undisturbed(std::optional<std::uint32_t> generation) {
    for (int count = 0; count < most_notices; ++count) {
        const bool wait = generation && !reaches(generation_, *generation);
        const Result<int> outcome = session_.take_notice(wait, [&](const nlmsghdr& message) {
            if (is_generation(message)) {
                generation_ = read_generation(message);
            } else if (is_about(session_.table(), message)) {
                disturbed_ = true;
            }
        });
        if (!outcome) {
            return outcome.error();
        }
        if (*outcome == EAGAIN) {
            return !disturbed_ && !wait;
        }
        if (*outcome == ENOBUFS) {
            disturbed_ = true;
        }
    }
    disturbed_ = true;
    return false;
}

}  // namespace fw::netlink
