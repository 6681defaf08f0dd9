// The changes to what is forwarded, carried out on a copy; see apply.h.
#pragma once

#include "fw/command.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace fw {

[[nodiscard]] Status apply_forwards(Ruleset& copy, const AddForward& add);
[[nodiscard]] Status apply_forwards(Ruleset& copy, const DeleteForwards& del);
[[nodiscard]] Status apply_forwards(Ruleset& copy, const ReplaceForwards& replace);
[[nodiscard]] Status apply_forwards(Ruleset& copy, const FlushForwards& flush);
[[nodiscard]] Status apply_forwards(Ruleset& copy, const RotateForwards& rotate);

}  // namespace fw
