// Letters of ASCII, whatever the locale.
#pragma once

#include <string>
#include <string_view>

namespace fw {

[[nodiscard]] constexpr char lower_case(char c) {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

[[nodiscard]] inline std::string lower_case(std::string_view text) {
    std::string lower(text);
    for (char& c : lower) {
        c = lower_case(c);
    }
    return lower;
}

// Equal but for small and capital letters.
[[nodiscard]] constexpr bool same_letters(std::string_view a, std::string_view b) {
    if (a.size() != b.size()) {
        return false;
    }
    for (std::size_t i = 0; i < a.size(); ++i) {
        if (lower_case(a[i]) != lower_case(b[i])) {
            return false;
        }
    }
    return true;
}

}  // namespace fw
