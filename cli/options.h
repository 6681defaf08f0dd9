// What getopt_long could not make sense of, in our words.
#pragma once

#include "fw/result.h"

namespace cli {

// For an option string that begins with `:`. Called with what getopt_long returned: '?' or ':'.
[[nodiscard]] fw::Error option_error(int found, char* const* argv);

}  // namespace cli
