// `ipchains -C`, `ipfwadm -c`.
#include "fw/print.h"
#include "print/ipfwadm.h"

namespace fw {

std::string print_answer(const Decision& decision, Dialect dialect) {
    if (dialect == Dialect::ipfwadm) {
        return std::string(print::ipfwadm_answer(decision.verdict));
    }
    switch (decision.verdict) {
        case Verdict::accept: return "accepted\n";
        case Verdict::deny: return "denied\n";
        case Verdict::reject: return "rejected\n";
        case Verdict::masquerade: return "masqueraded\n";
        case Verdict::redirect: return "redirected\n";
        case Verdict::loop: return "caught in loop\n";
        case Verdict::passed: return "passed through chain\n";
    }
    return "";
}

}  // namespace fw
