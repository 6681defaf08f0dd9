// What process 1 of a sandbox told, as values.
#pragma once

#include <vector>

#include "inside.h"
#include "records.h"
#include "run.h"

namespace sandbox {

// `whole`: it told all that it had to. Errors are those that it met.
[[nodiscard]] fw::Result<Run> gather(const std::vector<Record>& records, const Inside& inside,
                                     bool whole);

}  // namespace sandbox
