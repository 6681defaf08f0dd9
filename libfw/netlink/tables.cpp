#include "netlink/tables.h"

#include <algorithm>
#include <cerrno>
#include <string>

#include "fw/store.h"
#include "netlink/attributes.h"
#include "netlink/dump.h"
#include "netlink/messages.h"

namespace fw {

namespace netlink {

namespace {

bool is_named(const nlmsghdr& message, std::string_view name) {
    bool same = false;
    for_each_attribute(message, sizeof(nfgenmsg), [&](const nlattr* attribute) {
        if (mnl_attr_get_type(attribute) == NFTA_TABLE_NAME) {
            same = mnl_attr_get_str(attribute) == name;
        }
    });
    return same;
}

}  // namespace

Result<std::vector<Dialect>> firewalls(Session& session) {
    constexpr Dialect all[] = {Dialect::ipchains, Dialect::ipfwadm};
    Requests tables(session);
    tables.add(NFT_MSG_GETTABLE, NLM_F_DUMP);
    std::vector<Dialect> found;
    const Result<int> outcome = session.dump(tables.bytes(), [&](const nlmsghdr& message) {
        for (const Dialect dialect : all) {
            if (is_named(message, dialect_name(dialect))) {
                found.push_back(dialect);
            }
        }
    });
    if (!outcome) {
        return outcome.error();
    }
    // Torn by others' changes (EINTR), it may name a table twice.
    if (*outcome != 0 && *outcome != EINTR) {
        return dump_error(*outcome);
    }
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    return found;
}

}  // namespace netlink

Result<std::vector<Dialect>> firewalls_present() {
    Result<netlink::Session> session = netlink::Session::open();
    if (!session) {
        return session.error();
    }
    return netlink::firewalls(*session);
}

}  // namespace fw
