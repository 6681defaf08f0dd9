// The options of ipchains 1.3.9 and our own three: letters, long names, and which take a value.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>
#include <variant>

namespace fw {

enum class Option : std::uint8_t {
    // Commands.
    append,
    delete_rule,
    replace,
    insert,
    list,
    flush,
    zero,
    check,
    new_chain,
    delete_chain,
    policy,
    masquerading,
    set_timeouts,
    help,
    version,
    // What goes with them.
    bidirectional,
    protocol,
    source,
    source_port,  // of -s ADDRESS PORT, too; for ICMP, the type
    destination,
    destination_port,  // of -d ADDRESS PORT, too; for ICMP, the code
    interface,
    jump,
    mark,
    numeric,
    log,
    output,
    tos,
    verbose,
    exact,
    fragments,
    syn,
    line_numbers,
    no_warnings,
    // Ours.
    state,
    trace,
    dry_run,
};
inline constexpr std::size_t option_count = static_cast<std::size_t>(Option::dry_run) + 1;

// `may_value` is glued to the letter, behind `=`, or the next word unless that starts with - or !.
enum class Takes : std::uint8_t { nothing, value, may_value };

struct OptionForm {
    Option option;
    Takes takes;
};

enum class NoOption : std::uint8_t { unknown, ambiguous };

// An option by its letter or long name (without dashes). Long names may be shortened to a prefix
// that fits one option only. Ours must be typed in full, so that no old abbreviation changes.
[[nodiscard]] std::variant<OptionForm, NoOption> find_letter(char letter);
[[nodiscard]] std::variant<OptionForm, NoOption> find_long(std::string_view name);

// "--list, --line-numbers": the long names that start with `prefix`.
[[nodiscard]] std::string long_names_like(std::string_view prefix);

// A set of options.
class OptionSet {
public:
    constexpr OptionSet() = default;
    constexpr OptionSet(std::initializer_list<Option> options) {
        for (const Option option : options) {
            bits_ |= bit(option);
        }
    }
    [[nodiscard]] constexpr bool has(Option option) const { return (bits_ & bit(option)) != 0; }
    [[nodiscard]] constexpr OptionSet with(OptionSet more) const {
        OptionSet both;
        both.bits_ = bits_ | more.bits_;
        return both;
    }
    [[nodiscard]] constexpr OptionSet without(OptionSet fewer) const {
        OptionSet rest;
        rest.bits_ = bits_ & ~fewer.bits_;
        return rest;
    }
    constexpr bool operator==(const OptionSet&) const = default;

private:
    static constexpr std::uint64_t bit(Option option) {
        return std::uint64_t{1} << static_cast<unsigned>(option);
    }
    std::uint64_t bits_ = 0;
};

}  // namespace fw
