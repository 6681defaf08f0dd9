#include "model/hints.h"

#include <array>

#include "model/text.h"

namespace fw {

std::string target_hint(std::string_view word) {
    static constexpr std::array<std::string_view, 6> targets = {"ACCEPT", "DENY",     "REJECT",
                                                                "MASQ",   "REDIRECT", "RETURN"};
    for (const std::string_view target : targets) {
        if (word != target && same_letters(word, target)) {
            return "did you mean " + std::string(target) + "? targets are written in capitals";
        }
    }
    if (same_letters(word, "DROP")) {
        return "did you mean DENY? that is what ipchains calls it";
    }
    if (same_letters(word, "MASQUERADE")) {
        return "did you mean MASQ? that is what ipchains calls it";
    }
    if (same_letters(word, "LOG")) {
        return "-l logs the packets of any rule";
    }
    return "";
}

std::string chain_hint(std::string_view word) {
    for (const std::string_view chain : builtin_chains) {
        if (word != chain && same_letters(word, chain)) {
            return "did you mean " + std::string(chain) +
                   "? built-in chains are written in small letters";
        }
    }
    if (word == "PREROUTING" || word == "POSTROUTING") {
        return "ipchains has no such chain: MASQ rules go into forward, REDIRECT into input";
    }
    return "";
}

std::string listing_hint(Dialect dialect, std::string_view chain) {
    if (dialect == Dialect::ipchains) {
        return "`ipchains -L " + std::string(chain) + " -n --line-numbers` shows them";
    }
    const char category = chain.empty() ? '?' : static_cast<char>(chain[0] - 'a' + 'A');
    return std::string("`ipfwadm -") + category + " -l -n -e` shows them";
}

std::string hint_or(std::string hint, std::string_view otherwise) {
    return hint.empty() ? std::string(otherwise) : hint;
}

}  // namespace fw
