#include "fw/settings.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string_view>
#include <utility>

namespace fw {
namespace {

constexpr std::string_view blanks = " \t\r\v\f";

// Takes a word off the front; `=` ends one, too.
std::string_view take_word(std::string_view& text) {
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    std::size_t end = 0;
    while (end < text.size() && text[end] != '=' && blanks.find(text[end]) == blanks.npos) {
        ++end;
    }
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    text.remove_prefix(std::min(text.find_first_not_of(blanks), text.size()));
    return word;
}

struct Wrong {
    std::string_view word;
    const char* problem;
    const char* remedy;
};

// One line without its comment. Nothing is wrong if `problem` is null.
Wrong read_line(std::string_view line, Settings& settings) {
    const std::string_view word = take_word(line);
    if (word.empty() && line.empty()) {
        return {"", nullptr, nullptr};
    }
    if (word != "log") {
        return {word.empty() ? line : word, "there is no such setting", "there is: log"};
    }
    if (line.starts_with('=')) {
        line.remove_prefix(1);
    }
    const std::string_view value = take_word(line);
    if (!line.empty()) {
        return {line, "one value too many", "write `log = kernel` or `log = daemon`"};
    }
    if (value != "kernel" && value != "daemon") {
        return {value.empty() ? word : value,
                value.empty() ? "has no value" : "is no place to log to",
                "write `log = kernel` or `log = daemon`"};
    }
    settings.log = value == "daemon" ? LogTo::daemon : LogTo::kernel;
    return {"", nullptr, nullptr};
}

Error unreadable(const std::string& path) {
    const int number = errno;
    return {number == EACCES ? Code::permission : Code::system, path, -1,
            std::string("can't be read: ") + std::strerror(number), ""};
}

struct Closer {
    void operator()(std::FILE* file) const { std::fclose(file); }
};

Result<std::string> read_file(const std::string& path) {
    std::string text;
    const std::unique_ptr<std::FILE, Closer> file(std::fopen(path.c_str(), "re"));
    if (!file) {
        return errno == ENOENT ? Result<std::string>(text) : unreadable(path);
    }
    char part[1024];
    while (const std::size_t size = std::fread(part, 1, sizeof part, file.get())) {
        text.append(part, size);
    }
    return std::ferror(file.get()) == 0 ? Result<std::string>(std::move(text)) : unreadable(path);
}

}  // namespace

Result<Settings> read_settings(const std::string& path) {
    const Result<std::string> text = read_file(path);
    if (!text) {
        return text.error();
    }
    Settings settings;
    std::string_view rest = *text;
    for (unsigned number = 1; !rest.empty(); ++number) {
        const std::size_t end = std::min(rest.find('\n'), rest.size());
        const std::string_view line = rest.substr(0, end);
        const Wrong wrong = read_line(line.substr(0, line.find('#')), settings);
        if (wrong.problem != nullptr) {
            return Error{Code::usage, path + " line " + std::to_string(number), -1,
                         std::string(wrong.word) + ": " + wrong.problem, wrong.remedy};
        }
        rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    return settings;
}

}  // namespace fw
