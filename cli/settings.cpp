#include "settings.h"

#include <cstdlib>

namespace cli {

fw::Result<fw::Settings> read_settings() {
    const char* path = std::getenv("IPCHAINS_CONF");
    return fw::read_settings(path == nullptr || *path == '\0' ? fw::settings_path : path);
}

}  // namespace cli
