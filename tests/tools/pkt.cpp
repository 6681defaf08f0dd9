// pkt: sends a packet through the chains in the file that IPCHAINS_STATE names, counts it there,
// and says what became of it. Called pkt20, it does so for ipfwadm's and IPFWADM_STATE. Options:
// see unit/packet_options.h.
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "fw/store.h"
#include "unit/packet_options.h"

namespace {

int fail(const fw::Error& error, int status) {
    std::fprintf(stderr, "pkt: %s: %s\n", error.word.c_str(), error.problem.c_str());
    return status;
}

int send(const packets::PacketRequest& request, const std::string& path, fw::Dialect dialect) {
    auto store = fw::open_file_store(path, {}, dialect);
    if (!store) {
        return fail(store.error(), 1);
    }
    auto ruleset = (*store)->fetch();
    if (!ruleset) {
        return fail(ruleset.error(), 1);
    }
    if (ruleset->find(request.hook) == nullptr) {
        return fail({fw::Code::refused, request.hook, -1, "no such chain", ""}, 1);
    }
    const std::string answer = packets::send(*ruleset, request);
    if (const fw::Status written = fw::write_state_file(path, *ruleset); !written) {
        return fail(written.error(), 1);
    }
    std::fputs(answer.c_str(), stdout);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    const std::vector<std::string> words(argv + 1, argv + argc);
    const auto request = packets::parse_packet_options(words);
    if (!request) {
        return fail(request.error(), 2);
    }
    const bool of_2_0 = std::string_view(argv[0]).ends_with("pkt20");
    const char* variable = of_2_0 ? "IPFWADM_STATE" : "IPCHAINS_STATE";
    const char* path = std::getenv(variable);
    if (path == nullptr) {
        return fail({fw::Code::usage, variable, -1, "names no file", ""}, 2);
    }
    return send(*request, path, of_2_0 ? fw::Dialect::ipfwadm : fw::Dialect::ipchains);
}
