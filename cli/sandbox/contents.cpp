#include "contents.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace sandbox {

std::string contents(int file, std::size_t most) {
    std::string text;
    char buffer[16384];
    while (text.size() < most) {
        const ssize_t count = read(file, buffer, std::min(sizeof buffer, most - text.size()));
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            break;
        }
        text.append(buffer, static_cast<std::size_t>(count));
    }
    return text;
}

}  // namespace sandbox
