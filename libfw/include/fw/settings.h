// What an administrator decides once, for all commands: /etc/ipchains.conf.
#pragma once

#include <cstdint>
#include <string>

#include "fw/result.h"

namespace [[gnu::visibility("default")]] fw {

// Where rules with -l write: the kernel's log (in nftables' format, behind the first words of the
// old line), or ipchains-logd (the whole old line). Holds for rules from when they are added.
enum class LogTo : std::uint8_t { kernel, daemon };

struct Settings {
    LogTo log = LogTo::kernel;
    bool operator==(const Settings&) const = default;
};

inline constexpr const char* settings_path = "/etc/ipchains.conf";

// Lines of `word = value` or `word value`; # begins a comment. A file that is not there leaves all
// as it is by default. Errors name the line (Code::usage, the word "PATH line 1").
[[nodiscard]] Result<Settings> read_settings(const std::string& path = settings_path);

}  // namespace fw
