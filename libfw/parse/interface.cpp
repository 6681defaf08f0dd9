#include "parse/fields.h"

namespace fw {
namespace {

constexpr std::size_t longest_name = 15;  // IFNAMSIZ - 1

// Names that are legal and that no packet will ever carry.
void caution(std::string_view name, bool wildcard, Remarks& remarks) {
    const std::string quoted = "interface " + std::string(name);
    if (name.starts_with('!')) {
        remarks.cautions.push_back(
            quoted + ": no interface is named so, but the rule is taken; put a space behind the !");
    } else if (const std::size_t colon = name.find(':'); colon != std::string_view::npos) {
        remarks.cautions.push_back(
            quoted + ": packets never carry an alias's name, but the rule is taken; use -i " +
            std::string(name.substr(0, colon)) + ", and -s or -d for the alias's address");
    } else if (name.find('*') != std::string_view::npos && !wildcard) {
        remarks.notices.push_back("Warning: " + quoted +
                                  ": * stands for itself here; + is the wildcard");
    }
}

}  // namespace

Result<InterfaceMatch> parse_interface(const Given* given, Remarks& remarks) {
    if (given == nullptr) {
        return InterfaceMatch{};
    }
    std::string_view name = given->value.text;
    const bool wildcard = name.empty() || name.ends_with('+');
    name.remove_suffix(name.ends_with('+') ? 1 : 0);
    if (name.size() > longest_name) {
        return usage_error(given->value, "too long for an interface's name",
                           "names have up to 15 bytes; a + behind a shorter one fits the rest");
    }
    caution(name, wildcard, remarks);
    return InterfaceMatch{std::string(name), wildcard, given->inverted, std::nullopt};
}

}  // namespace fw
