#include "netlink/dump.h"

#include <cerrno>

#include "netlink/messages.h"

namespace fw::netlink {

Result<bool> dump_rules(Session& session, int type, const std::optional<std::string>& chain,
                        const Receiver& receiver) {
    Requests rules(session);
    rules.add(type, NLM_F_DUMP).text(NFTA_RULE_TABLE, session.table());
    if (chain) {
        rules.text(NFTA_RULE_CHAIN, *chain);
    }
    const Result<int> outcome = session.dump(rules.bytes(), receiver);
    if (!outcome || (*outcome != 0 && *outcome != EINTR)) {
        return outcome ? dump_error(*outcome) : outcome.error();
    }
    return *outcome == 0;
}

Error busy() {
    return {Code::busy, "", -1, "other programs keep changing the firewall's tables",
            "try again when they are done"};
}

Error dump_error(int number) {
    if (number == EINVAL || number == EOPNOTSUPP) {
        return error_from(EPROTONOSUPPORT);  // no subsystem of that number
    }
    return error_from(number);
}

}  // namespace fw::netlink
