#include "masquerading.h"

namespace cli {

fw::Result<std::string> list_masquerading(const fw::ListMasquerading&, const fw::Command&,
                                          const fw::Names&) {
    return std::string("IP masquerading entries\n");
}

fw::Status set_timeouts(const fw::SetTimeouts&, const fw::Command&) { return fw::Done{}; }

}  // namespace cli
