#include "settings.h"

#include <cstdio>
#include <cstdlib>
#include <string>

#include "message.h"

namespace cli {

fw::Settings read_settings(std::string_view program) {
    const char* path = std::getenv("IPCHAINS_CONF");
    fw::Result<fw::Settings> settings =
        fw::read_settings(path == nullptr || *path == '\0' ? fw::settings_path : path);
    if (settings) {
        return *settings;
    }
    fw::Error& error = settings.error();
    error.remedy += error.remedy.empty() ? "" : "; ";
    error.remedy += "until then, -l writes to the kernel's log";
    const std::string line = error_line(program, error);
    std::fwrite(line.data(), 1, line.size(), stderr);
    return {};
}

}  // namespace cli
