#include "masquerading.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace cli {

namespace {

bool masquerades(const fw::Chain& chain) {
    return chain.policy == fw::Policy::masquerade ||
           std::any_of(chain.rules.begin(), chain.rules.end(), [](const fw::Rule& rule) {
               return std::holds_alternative<fw::Masquerade>(rule.target);
           });
}

fw::Status write_timeout(const char* name, std::uint32_t seconds) {
    if (seconds == 0) {
        return fw::Done{};
    }
    const std::string path = std::string("/proc/sys/net/netfilter/nf_conntrack_") + name;
    std::FILE* file = std::fopen(path.c_str(), "we");
    bool good = file != nullptr && std::fprintf(file, "%u\n", seconds) > 0;
    if (file != nullptr) {
        good = std::fclose(file) == 0 && good;
    }
    if (good) {
        return fw::Done{};
    }
    const int number = errno;
    const bool denied = number == EACCES || number == EPERM || number == EROFS;
    return fw::Error{denied ? fw::Code::permission : fw::Code::unsupported, path, -1,
                     std::strerror(number),
                     denied ? "run it as root" : "the kernel needs connection tracking"};
}

}  // namespace

fw::Result<std::string> list_masquerading(const fw::Ruleset& ruleset) {
    if (std::any_of(ruleset.chains.begin(), ruleset.chains.end(), masquerades)) {
        return fw::Error{fw::Code::unsupported, "-M", -1,
                         "masqueraded connections can't be listed yet",
                         "`conntrack -L --src-nat` shows them"};
    }
    return std::string("IP masquerading entries\n");
}

fw::Status set_timeouts(const fw::SetTimeouts& timeouts) {
    const struct {
        const char* name;
        std::uint32_t seconds;
    } settings[] = {
        {"tcp_timeout_established", timeouts.tcp},
        {"tcp_timeout_fin_wait", timeouts.tcp_fin},
        {"udp_timeout", timeouts.udp},
        {"udp_timeout_stream", timeouts.udp},
    };
    for (const auto& setting : settings) {
        if (fw::Status status = write_timeout(setting.name, setting.seconds); !status) {
            return status;
        }
    }
    return fw::Done{};
}

}  // namespace cli
