// /etc of the sandbox: the machine's, in memory, with the hosts that the caller describes and the
// few files that scripts of Red Hat's and others' systems read and today's lack.
#pragma once

#include <string>

#include "fw/result.h"
#include "inside.h"

namespace sandbox {

// `machine` is where the machine's / is, `root` where the new one is being built.
[[nodiscard]] fw::Status make_etc(const Inside& inside, const std::string& machine,
                                  const std::string& root);

}  // namespace sandbox
