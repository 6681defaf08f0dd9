#include "store_choice.h"

#include <cstdlib>

#include "message.h"
#include "settings.h"

namespace compat {

fw::Result<std::unique_ptr<fw::Store>> open_store(const char* program,
                                                  const std::optional<std::string>& state) {
    const fw::Settings settings = cli::read_settings(program);
    const char* path = std::getenv("IPCHAINS_STATE");
    if (state) {
        return fw::open_file_store(*state, settings);
    }
    if (path != nullptr && *path != '\0') {
        return fw::open_file_store(path, settings);
    }
    return fw::open_kernel_store(settings);
}

void say(const std::string& text, std::FILE* to) { std::fwrite(text.data(), 1, text.size(), to); }

int fail(const char* program, const fw::Error& error) {
    std::fflush(stdout);
    say(cli::error_line(program, error), stderr);
    return cli::exit_status(error);
}

int finish(int status) {
    // A full disk or a closed pipe must not look like success.
    return std::fflush(stdout) == 0 ? status : 1;
}

}  // namespace compat
