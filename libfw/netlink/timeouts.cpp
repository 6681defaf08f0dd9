// How long connection tracking keeps a silent connection, through /proc/sys. Netlink could set the
// same (nfnetlink_cttimeout), but not every kernel has it, and it does not check what it is given.
#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <climits>
#include <cstring>
#include <string>
#include <vector>

#include "fw/connections.h"

namespace fw {
namespace {

struct Timeout {
    std::string path;
    std::uint32_t seconds = 0;
    std::string before = {};  // what the file held
};

// In 2.2, `tcpfin` was how long a connection stays after either side's FIN. Today it is in one of
// four states then, and half closed in CLOSE_WAIT for most of it: the first alone would say little.
// UDP counts by another file once both sides have spoken.
std::vector<Timeout> wanted(const SetTimeouts& timeouts) {
    const struct {
        const char* name;
        std::uint32_t seconds;
    } all[] = {
        {"tcp_timeout_established", timeouts.tcp},    {"tcp_timeout_fin_wait", timeouts.tcp_fin},
        {"tcp_timeout_close_wait", timeouts.tcp_fin}, {"tcp_timeout_last_ack", timeouts.tcp_fin},
        {"tcp_timeout_time_wait", timeouts.tcp_fin},  {"udp_timeout", timeouts.udp},
        {"udp_timeout_stream", timeouts.udp},
    };
    std::vector<Timeout> result;
    for (const auto& one : all) {
        if (one.seconds != 0) {
            result.push_back(
                {std::string("/proc/sys/net/netfilter/nf_conntrack_") + one.name, one.seconds});
        }
    }
    return result;
}

// Both return an errno, or 0.
int read_file(const std::string& path, std::string& text) {
    const int file = open(path.c_str(), O_RDONLY | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    std::array<char, 32> buffer;
    const ssize_t size = read(file, buffer.data(), buffer.size());
    const int number = errno;
    close(file);
    if (size < 0) {
        return number;
    }
    text.assign(buffer.data(), static_cast<std::size_t>(size));
    return 0;
}

int write_file(const std::string& path, const std::string& text) {
    const int file = open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (file < 0) {
        return errno;
    }
    const ssize_t size = write(file, text.data(), text.size());
    const int number = errno;
    close(file);
    return size < 0 ? number : 0;
}

// The kernel counts in ticks, up to INT_MAX, and refuses what is more. It does not tell how many of
// them a second has: one of these (Linux 6.18, CONFIG_HZ).
int write_seconds(const std::string& path, std::uint32_t seconds) {
    int number = write_file(path, std::to_string(seconds));
    for (const std::uint32_t ticks :
         {24U, 32U, 48U, 64U, 100U, 128U, 200U, 250U, 256U, 300U, 1000U, 1024U, 1200U}) {
        const std::uint32_t most = INT_MAX / ticks;
        if (number == EINVAL && most < seconds) {
            number = write_file(path, std::to_string(most));
        }
    }
    return number;
}

Error timeout_error(const std::string& path, int number) {
    switch (number) {
        case EPERM:
        case EACCES: return {Code::permission, path, -1, "only root may set it", "run it as root"};
        case EROFS:
            return {Code::permission, path, -1, "it is mounted read-only",
                    "run it where /proc/sys can be written"};
        case ENOENT:
            return {Code::unsupported, path, -1, "the kernel has no connection tracking",
                    "mount /proc, and load the module nf_conntrack (CONFIG_NF_CONNTRACK)"};
        case EINVAL:
            return {Code::refused, path, -1, "the kernel does not take this many seconds",
                    "give fewer"};
        default: return {Code::system, path, -1, std::strerror(number), ""};
    }
}

int read_all(std::vector<Timeout>& timeouts, std::string& path) {
    for (Timeout& timeout : timeouts) {
        if (const int number = read_file(timeout.path, timeout.before); number != 0) {
            path = timeout.path;
            return number;
        }
    }
    return 0;
}

}  // namespace

Status set_timeouts(const SetTimeouts& timeouts) {
    std::vector<Timeout> all = wanted(timeouts);
    std::string path;
    int number = read_all(all, path);
    if (number == ENOENT) {
        // Asking for connections makes the kernel load the module.
        (void)list_connections();
        number = read_all(all, path);
    }
    if (number != 0) {
        return timeout_error(path, number);
    }
    for (std::size_t i = 0; i < all.size(); ++i) {
        number = write_seconds(all[i].path, all[i].seconds);
        if (number != 0) {
            for (std::size_t done = 0; done < i; ++done) {
                write_file(all[done].path, all[done].before);
            }
            return timeout_error(all[i].path, number);
        }
    }
    return Done{};
}

}  // namespace fw
