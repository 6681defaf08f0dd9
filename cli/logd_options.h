// The command line of ipchains-logd.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "fw/packet_log.h"
#include "fw/result.h"

namespace logd {

struct ToSyslog {};
struct ToStandardOutput {};
struct ToFile {
    std::string path;
};
using Sink = std::variant<ToSyslog, ToStandardOutput, ToFile>;

struct Options {
    std::uint16_t group = fw::log_group;
    Sink sink;
    std::optional<std::string> user;  // to become; nothing: `nobody`, if started by root
    std::uint32_t rate = 100;         // lines a second, 0 for no bound
    std::uint32_t burst = 1000;       // and so many at once
    std::uint32_t buffer = 4U << 20;  // for packets that wait to be read, in bytes
    bool help = false;
    bool version = false;
};

[[nodiscard]] fw::Result<Options> parse_options(int argc, const char* const* argv);

[[nodiscard]] const char* help_text();

}  // namespace logd
