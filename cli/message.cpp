#include "message.h"

namespace cli {

namespace {

constexpr std::size_t longest_word = 80;

}  // namespace

std::string error_line(std::string_view program, const fw::Error& error) {
    std::string line(program);
    if (!error.word.empty()) {
        const bool cut = error.word.size() > longest_word;
        line += ": " + printable(error.word.substr(0, longest_word)) + (cut ? "..." : "");
    } else if (error.position >= 0) {
        line += ": ``";
    }
    line += ": " + printable(error.problem);
    if (!error.remedy.empty()) {
        line += "; " + printable(error.remedy);
    }
    return line + "\n";
}

int exit_status(const fw::Error& error, fw::Dialect program) {
    const bool wrong = error.code == fw::Code::usage || error.code == fw::Code::unresolved;
    return wrong ? 2 : refused_status(program);
}

int refused_status(fw::Dialect program) { return program == fw::Dialect::ipfwadm ? 255 : 1; }

std::string printable(std::string_view text) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string result;
    for (const char c : text) {
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x20 && byte < 0x7f) {
            result += c;
        } else {
            result += "\\x";
            result += digits[byte >> 4];
            result += digits[byte & 15];
        }
    }
    return result;
}

}  // namespace cli
