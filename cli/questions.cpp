#include "questions.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>

#include "message.h"

namespace cli {

Questions::Questions() : terminal_(::open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY)) {}

Questions::~Questions() {
    if (terminal_ >= 0) {
        close(terminal_);
    }
}

bool Questions::flush(const std::string& chain) {
    const auto answer = answers_.find(chain);
    if (answer != answers_.end()) {
        return answer->second;
    }
    open_.push_back(chain);
    return false;
}

void Questions::ask() {
    for (const std::string& chain : open_) {
        if (answers_.count(chain) == 0) {
            answers_.emplace(chain, answer_to(chain));
        }
    }
    open_.clear();
}

// A line that begins with f. Whoever hangs up wants to skip.
bool Questions::answer_to(const std::string& chain) const {
    const std::string question =
        "Chain `" + printable(chain) + "' already exists. Skip or flush? [S/f]? ";
    ssize_t size = write(terminal_, question.data(), question.size());
    std::string line;
    for (char c = 0; c != '\n'; line += c) {
        size = read(terminal_, &c, 1);
        if (size != 1 && !(size < 0 && errno == EINTR)) {
            break;
        }
    }
    return line.starts_with('f') || line.starts_with('F');
}

}  // namespace cli
