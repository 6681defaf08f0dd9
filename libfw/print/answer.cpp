// `ipchains -C`.
#include "fw/print.h"

namespace fw {

std::string print_answer(const Decision& decision) {
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
