// /proc of the sandbox: real, but for what Linux 2.2 had and today's has not.
#pragma once

#include <string>
#include <vector>

#include "fw/result.h"
#include "inside.h"

namespace sandbox {

// In the new root.
[[nodiscard]] fw::Status make_proc(const Inside& inside);

// Settings as (name, value): "net/ipv4/ip_forward", "1".
using Settings = std::vector<std::pair<std::string, std::string>>;

// Where the kernel's own settings of the network are, behind what `make_proc` put in front of them.
[[nodiscard]] std::string real_settings();

// What lies under /proc/sys/net/ipv4 of whoever calls.
[[nodiscard]] Settings read_machine_settings();

// Whether this kernel has it, or the machine outside.
[[nodiscard]] bool is_known(const std::string& setting, const Inside& inside);

}  // namespace sandbox
