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

int fail(fw::Dialect program, const fw::Error& error) {
    (void)fail(fw::dialect_name(program), error);
    return exit_status(error, program);
}

void caution(std::string_view program, std::string_view text) {
    say(std::string(program) + ": " + printable(text) + "\n", stderr);
}

void tell(std::string_view program, const fw::Outcome& outcome) {
    if (outcome.foreign_removed != 0) {
        caution(program,
                "rules of other programs went with it: " + std::to_string(outcome.foreign_removed));
    }
    if (outcome.beside) {
        const std::string other(fw::dialect_name(*outcome.beside));
        caution(program, "packets meet the rules of " + other + ", too, and pass only where both " +
                             "let them; if those are not wanted, `nft delete table ip " + other +
                             "` takes them away");
    }
}

std::string version_line(std::string_view program, std::string_view original) {
    std::string line(program);
    line += original.empty() ? "" : " ";
    line += original;
    return line + " (ipchains for nftables " FW_VERSION ")\n";
}

std::optional<std::string> state_file(const std::optional<std::string>& option,
                                      fw::Dialect dialect) {
    if (option) {
        return option;
    }
    const bool ipfwadm = dialect == fw::Dialect::ipfwadm;
    const char* path = std::getenv(ipfwadm ? "IPFWADM_STATE" : "IPCHAINS_STATE");
    return path == nullptr || *path == '\0' ? std::nullopt : std::optional<std::string>(path);
}

fw::Result<std::unique_ptr<fw::Store>> open_store(std::string_view program,
                                                  const std::optional<std::string>& file,
                                                  fw::Dialect dialect) {
    const fw::Settings settings = read_settings(program);
    return file ? fw::open_file_store(*file, settings, dialect)
                : fw::open_kernel_store(settings, dialect);
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
