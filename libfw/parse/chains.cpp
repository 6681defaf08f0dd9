#include <algorithm>

#include "parse/fields.h"
#include "parse/hints.h"
#include "parse/numbers.h"
#include "parse/ports.h"

namespace fw {
namespace {

constexpr std::uint32_t last_position = 0x7fffffff;

bool is_builtin(std::string_view chain) {
    return std::find(builtin_chains.begin(), builtin_chains.end(), chain) != builtin_chains.end();
}

enum class Simple : std::uint8_t { accept, deny, reject, masquerade, return_back, none };

Simple simple_target(std::string_view name) {
    constexpr std::string_view names[] = {"ACCEPT", "DENY", "REJECT", "MASQ", "RETURN"};
    const auto* found = std::find(std::begin(names), std::end(names), name);
    return static_cast<Simple>(found - std::begin(names));
}

Result<Target> parse_redirect(const Given& given, Word port, const ProtocolMatch& protocol,
                              const Names& names) {
    if (service_protocol(protocol).empty()) {
        return usage_error(given.value, "only TCP and UDP can be redirected",
                           "say -p tcp or -p udp");
    }
    if (!port.given()) {
        return Target(Redirect{0});
    }
    const auto number = parse_redirect_port(port, protocol, names);
    if (!number) {
        return number.error();
    }
    return Target(Redirect{*number});
}

}  // namespace

Result<Target> parse_target(const Given* given, Word port, const ProtocolMatch& protocol,
                            const Names& names) {
    if (given == nullptr) {
        return Target(None{});
    }
    const std::string_view name = given->value.text;
    if (name == "REDIRECT") {
        return parse_redirect(*given, port, protocol, names);
    }
    switch (simple_target(name)) {
        case Simple::accept: return Target(Accept{});
        case Simple::deny: return Target(Deny{});
        case Simple::reject: return Target(Reject{});
        case Simple::masquerade: return Target(Masquerade{});
        case Simple::return_back: return Target(Return{});
        case Simple::none: break;
    }
    if (name.empty()) {
        return usage_error(given->value, "an empty target",
                           "name one: ACCEPT, DENY, REJECT, MASQ, REDIRECT, RETURN or a chain; "
                           "or leave out -j to count only");
    }
    auto chain = parse_chain(given->value);
    if (!chain) {
        return chain.error();
    }
    return Target(Jump{*std::move(chain)});
}

Result<std::string> parse_chain(Word word) {
    if (word.text.size() > max_chain_name) {
        return usage_error(word, "too long for a chain's name",
                           "names have up to " + std::to_string(max_chain_name) + " bytes");
    }
    return std::string(word.text);
}

Result<Policy> parse_policy(const Given& given) {
    const std::string_view chain = given.value.text;
    const std::string_view name = given.second.text;
    if (!is_builtin(chain)) {
        return usage_error(given.value, "only input, forward and output have a policy",
                           hint_or(chain_hint(chain),
                                   "end your own chain with a rule for everything: -A " +
                                       std::string(chain) + " -j DENY"));
    }
    const std::optional<Policy> policy = policy_named(name);
    if (policy == Policy::masquerade && chain != "forward") {
        return usage_error(given.second, "only forwarded packets can be masqueraded",
                           "MASQ is a policy of forward only");
    }
    if (policy) {
        return *policy;
    }
    return usage_error(given.second, "no policy is called so",
                       hint_or(target_hint(name),
                               "policies are ACCEPT, DENY and REJECT, and MASQ for forward"));
}

Result<std::uint32_t> parse_position(const Given& given) {
    const auto number = parse_decimal(given.second.text, last_position);
    if (number && *number > 0) {
        return *number;
    }
    if (!number && parse_decimal(given.value.text, last_position)) {
        return usage_error(given.second, "a rule's number belongs here",
                           "the chain comes first: " + std::string(given.second.text) + " " +
                               std::string(given.value.text));
    }
    return usage_error(given.second, "not a rule's number", "the first rule of a chain is 1");
}

}  // namespace fw
