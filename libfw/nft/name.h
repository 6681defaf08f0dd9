// Names of chains: ours may be any bytes, nft reads letters, digits and a few signs, and none of
// its own words.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace fw::nft {

// The kernel's name of a chain of ours: the same where nft can read it back and it can't be taken
// for one of the table's own (which have a dot in them), else "chain." and the bytes, those out of
// letters, digits, '-' and '_' as ".hh" in hex.
[[nodiscard]] std::string kernel_chain_name(std::string_view name);

// Whether nft reads it as a word: letters, digits, '-' and '_', and none of its own.
[[nodiscard]] bool is_plain_word(std::string_view word);

// The reverse of kernel_chain_name; nothing for a name that we never give to a chain of the user's.
[[nodiscard]] std::optional<std::string> model_chain_name(std::string_view kernel_name);

// The name if it can stand between quotes in an nft script, else the kernel's.
[[nodiscard]] std::string printable_chain(std::string_view name);

}  // namespace fw::nft
