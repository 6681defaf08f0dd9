#include "store/state_text.h"

#include <charconv>
#include <optional>
#include <span>
#include <utility>

#include "model/codec.h"
#include "model/forward_codec.h"

namespace fw {

namespace {

constexpr std::string_view header_end = "-state 1";

std::string to_hex(std::string_view bytes) {
    static constexpr char digits[] = "0123456789abcdef";
    std::string text = "x";  // so that an empty name is a word, too
    for (const char c : bytes) {
        const auto byte = static_cast<unsigned char>(c);
        text += digits[byte >> 4];
        text += digits[byte & 15];
    }
    return text;
}

std::optional<std::string> from_hex(std::string_view text) {
    if (text.size() % 2 != 1 || text.front() != 'x') {
        return std::nullopt;
    }
    std::string bytes;
    for (std::size_t i = 1; i < text.size(); i += 2) {
        unsigned value = 0;
        const char* end = text.data() + i + 2;
        if (std::from_chars(text.data() + i, end, value, 16).ptr != end) {
            return std::nullopt;
        }
        bytes += static_cast<char>(value);
    }
    return bytes;
}

// Cuts the next piece up to `separator` off the front.
std::string_view cut(std::string_view& rest, char separator) {
    const std::size_t end = rest.find(separator);
    const std::string_view piece = rest.substr(0, end);
    rest = end == std::string_view::npos ? std::string_view() : rest.substr(end + 1);
    return piece;
}

std::optional<std::uint64_t> number(std::string_view text) {
    std::uint64_t value = 0;
    const char* end = text.data() + text.size();
    if (text.empty() || std::from_chars(text.data(), end, value).ptr != end) {
        return std::nullopt;
    }
    return value;
}

std::optional<Counters> read_counters(std::string_view& line) {
    const auto packets = number(cut(line, ' '));
    const auto bytes = number(cut(line, ' '));
    if (!packets || !bytes) {
        return std::nullopt;
    }
    return Counters{*packets, *bytes};
}

bool read_chain(std::string_view line, Ruleset& ruleset) {
    const auto name = from_hex(cut(line, ' '));
    const std::string_view policy = cut(line, ' ');
    const auto counters = read_counters(line);
    if (!name || !counters || !line.empty() || ruleset.find(*name) != nullptr) {
        return false;
    }
    Chain chain{*name, policy_named(policy), *counters, {}, {}};
    const std::size_t index = ruleset.chains.size();
    const Ruleset empty = Ruleset::empty(ruleset.dialect);
    const bool builtin = index < empty.chains.size();
    if (builtin ? (chain.name != empty.chains[index].name || !chain.policy) : policy != "-") {
        return false;
    }
    ruleset.chains.push_back(std::move(chain));
    return true;
}

std::span<const std::uint8_t> octets(const std::string& bytes) {
    return {reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()};
}

bool read_rule(std::string_view line, Ruleset& ruleset) {
    const auto counters = read_counters(line);
    const auto bytes = from_hex(cut(line, ' '));
    if (!counters || !bytes || !line.empty() || ruleset.chains.empty()) {
        return false;
    }
    Result<Rule> rule = decode_rule(octets(*bytes));
    if (!rule) {
        return false;
    }
    rule->counters = *counters;
    ruleset.chains.back().rules.push_back(std::move(*rule));
    return true;
}

bool read_forward(std::string_view line, Ruleset& ruleset) {
    const auto counters = read_counters(line);
    const auto bytes = from_hex(cut(line, ' '));
    if (!counters || !bytes || !line.empty()) {
        return false;
    }
    Result<Forward> forward = decode_forward(octets(*bytes));
    if (!forward) {
        return false;
    }
    std::vector<ForwardEntry>& all = ruleset.forwards;
    if (!all.empty() && kind_of(*forward) < kind_of(all.back().what)) {
        return false;  // they are sorted by kind
    }
    all.push_back({*std::move(forward), *counters});
    return true;
}

std::string counted_line(std::string_view word, const Counters& counters, std::string_view bytes) {
    std::string line(word);
    line += ' ' + std::to_string(counters.packets) + ' ' + std::to_string(counters.bytes) + ' ';
    line += to_hex(bytes) + '\n';
    return line;
}

// All that the rest of the library takes for granted.
bool is_sound(const Ruleset& ruleset) {
    if (ruleset.chains.size() < Ruleset::empty(ruleset.dialect).chains.size()) {
        return false;
    }
    for (const Chain& chain : ruleset.chains) {
        for (const Rule& rule : chain.rules) {
            const auto* jump = std::get_if<Jump>(&rule.target);
            if (jump != nullptr && ruleset.find(jump->chain) == nullptr) {
                return false;
            }
        }
    }
    return true;
}

}  // namespace

Result<std::string> write_state(const Ruleset& ruleset) {
    std::string text(dialect_name(ruleset.dialect));
    text += header_end;
    text += '\n';
    for (const Chain& chain : ruleset.chains) {
        text += "chain " + to_hex(chain.name) + ' ';
        text += chain.policy ? policy_name(*chain.policy) : "-";
        text += ' ' + std::to_string(chain.policy_counters.packets) + ' ' +
                std::to_string(chain.policy_counters.bytes) + '\n';
        for (const Rule& rule : chain.rules) {
            const Result<std::string> bytes = encode_rule(rule);
            if (!bytes) {
                return bytes.error();
            }
            text += counted_line("rule", rule.counters, *bytes);
        }
    }
    for (const ForwardEntry& entry : ruleset.forwards) {
        text += counted_line("forward", entry.counters, encode_forward(entry.what));
    }
    return text;
}

Result<Ruleset> read_state(std::string_view text) {
    const Error damaged{Code::damaged, "", -1, "this is no state file, or a damaged one",
                        "name another file, or remove it to start anew"};
    Ruleset ruleset;
    std::string_view header = cut(text, '\n');
    if (!header.ends_with(header_end)) {
        return damaged;
    }
    header.remove_suffix(header_end.size());
    if (header == dialect_name(Dialect::ipfwadm)) {
        ruleset.dialect = Dialect::ipfwadm;
    } else if (header != dialect_name(Dialect::ipchains)) {
        return damaged;
    }
    while (!text.empty()) {
        std::string_view line = cut(text, '\n');
        const std::string_view word = cut(line, ' ');
        const bool good = word == "chain"     ? read_chain(line, ruleset)
                          : word == "rule"    ? read_rule(line, ruleset)
                          : word == "forward" ? read_forward(line, ruleset)
                                              : false;
        if (!good) {
            return damaged;
        }
    }
    if (!is_sound(ruleset)) {
        return damaged;
    }
    return ruleset;
}

}  // namespace fw
