// What an open file holds.
#pragma once

#include <cstddef>
#include <string>

namespace sandbox {

// From where it stands, up to `most` bytes, or until it can't be read.
[[nodiscard]] std::string contents(int file, std::size_t most);

}  // namespace sandbox
