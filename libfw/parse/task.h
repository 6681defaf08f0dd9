// What a command line is about, and which options may go with that.
#pragma once

#include <cstdint>

#include "fw/result.h"
#include "parse/typed.h"

namespace fw {

enum class Task : std::uint8_t {
    append,
    insert,
    replace,
    delete_at,        // -D chain number
    delete_matching,  // -D chain specification
    list,
    flush,
    zero,
    new_chain,
    delete_chain,
    set_policy,
    list_masquerading,
    set_timeouts,
    check,
};

// Fails on no command, on two that don't go together, and on options that don't go with it.
[[nodiscard]] Result<Task> find_task(const Typed& typed);

// The chain that the command names; not given if it names none.
[[nodiscard]] Word chain_word(const Typed& typed);

}  // namespace fw
