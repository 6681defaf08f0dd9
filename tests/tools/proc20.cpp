// proc20: the rules of ipfwadm as Linux 2.0 showed them, /proc/net/ip_forward, ip_input, ip_output
// and ip_acct one after the other: those in the file that IPFWADM_STATE names, or the kernel's.
#include <cstdio>
#include <cstdlib>

#include "fw/print.h"
#include "fw/store.h"

int main() {
    const char* path = std::getenv("IPFWADM_STATE");
    auto store = path != nullptr ? fw::open_file_store(path, {}, fw::Dialect::ipfwadm)
                                 : fw::open_kernel_store({}, fw::Dialect::ipfwadm);
    const auto ruleset = store ? (*store)->fetch() : fw::Result<fw::Ruleset>(store.error());
    if (!ruleset) {
        std::fprintf(stderr, "proc20: %s\n", ruleset.error().problem.c_str());
        return 1;
    }
    std::fputs(fw::print_proc_ipfwadm(*ruleset).c_str(), stdout);
    return 0;
}
