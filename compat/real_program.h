// The programs of kmod whose names ip-masq-module goes by, for what is not its own.
#pragma once

#include <string>
#include <vector>

namespace compat {

using Words = std::vector<std::string>;

// Whether there is a program of this name as below.
[[nodiscard]] bool is_there(const char* name);

// Becomes the program of this name in /sbin, /usr/sbin, /bin or /usr/bin that is not the one that
// runs. Returns only if it can't, having said so: the exit status.
[[nodiscard]] int hand_over(const char* name, const Words& words);

// Runs it, and returns its exit status.
[[nodiscard]] int run_real(const char* name, const Words& words);

}  // namespace compat
