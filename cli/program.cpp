#include "program.h"

#include <cerrno>
#include <cstdlib>
#include <cstring>

#include "message.h"
#include "settings.h"

namespace cli {

namespace {

struct Closer {
    void operator()(std::FILE* file) const {
        if (file != stdin) {
            std::fclose(file);
        }
    }
};

fw::Error unreadable(const std::string& path, int number) {
    const fw::Code code = number == EACCES ? fw::Code::permission : fw::Code::system;
    return {code, path.empty() ? "standard input" : path, -1,
            std::string("can't be read: ") + std::strerror(number), ""};
}

// What editors of DOS and Windows put before and behind a text: a byte order mark, and ^Z.
void drop_editor_marks(std::string& text) {
    if (text.starts_with("\xef\xbb\xbf")) {
        text.erase(0, 3);
    }
    if (text.ends_with('\x1a')) {
        text.pop_back();
    }
}

}  // namespace

void say(std::string_view text, std::FILE* to) { std::fwrite(text.data(), 1, text.size(), to); }

int fail(std::string_view program, const fw::Error& error) {
    std::fflush(stdout);
    say(error_line(program, error), stderr);
    return exit_status(error);
}

void caution(std::string_view program, std::string_view text) {
    say(std::string(program) + ": " + printable(text) + "\n", stderr);
}

std::optional<std::string> state_file(const std::optional<std::string>& option) {
    if (option) {
        return option;
    }
    const char* path = std::getenv("IPCHAINS_STATE");
    return path == nullptr || *path == '\0' ? std::nullopt : std::optional<std::string>(path);
}

fw::Result<std::unique_ptr<fw::Store>> open_store(std::string_view program,
                                                  const std::optional<std::string>& file) {
    const fw::Settings settings = read_settings(program);
    return file ? fw::open_file_store(*file, settings) : fw::open_kernel_store(settings);
}

fw::Result<std::string> read_text(const std::string& path) {
    const std::unique_ptr<std::FILE, Closer> file(path.empty() ? stdin
                                                               : std::fopen(path.c_str(), "re"));
    if (!file) {
        return unreadable(path, errno);
    }
    std::string text;
    char part[65536];
    while (const std::size_t size = std::fread(part, 1, sizeof part, file.get())) {
        text.append(part, size);
    }
    if (std::ferror(file.get()) != 0) {
        return unreadable(path, errno);
    }
    drop_editor_marks(text);
    return text;
}

int finish(int status) {
    const bool written = std::ferror(stdout) == 0;  // what did not wait for the end
    if (std::fflush(stdout) == 0 && written) {
        return status;
    }
    caution(program_invocation_short_name,
            "standard output: can't be written to its end; make room where it goes");
    return refused;
}

}  // namespace cli
