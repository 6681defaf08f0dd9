#include <algorithm>
#include <array>
#include <utility>

#include "fw/masquerading_tools.h"
#include "parse/numbers.h"
#include "parse/words.h"

namespace fw {

namespace {

constexpr std::string_view prefix = "ip_masq_";

// Loading them does nothing: what they did goes without them, or can't be done.
struct Other {
    std::string_view name;
    std::string_view lost;
};
constexpr Other others[] = {
    {"portfw", ""},
    {"autofw", ""},
    {"mfw", ""},
    {"user", ""},
    {"quake", ""},  // several players behind one address: connection tracking tells them apart
    {"ipsec", "IPsec is masqueraded for one inner host at a time; more need NAT traversal"},
    {"cuseeme", "nothing helps CU-SeeMe today: forward its ports, UDP 7648 to 7652"},
    {"vdolive", "nothing helps VDOLive today: forward its UDP port"},
};

// RealAudio: the server sends to the client's UDP ports, which the control connection names. They
// are all let in, to whoever has a control connection; as the documents of the time did with
// autofw.
constexpr std::array<std::uint16_t, 2> raudio_controls = {7070, 554};
constexpr PortRange raudio_ports = {6970, 7170};
constexpr std::size_t most_ports = 12;

std::string_view short_name(std::string_view module) {
    module.remove_prefix(module.rfind('/') + 1);  // npos + 1 is 0
    module = module.substr(0, module.find('.'));
    if (module.starts_with(prefix)) {
        module.remove_prefix(prefix.size());
    }
    return module;
}

Error no_such_module(std::string_view module) {
    return {Code::refused, std::string(module), -1, "there was no masquerading module of this name",
            "there were ftp, irc, raudio, pptp, h323, ipsec, quake, cuseeme, vdolive, user, "
            "portfw, autofw and mfw"};
}

// Adds the ports of a list, each once.
Status add_ports(const std::string& parameter, std::string_view list,
                 std::vector<std::uint16_t>& ports) {
    while (!list.empty()) {
        const std::size_t comma = std::min(list.find(','), list.size());
        const auto number = parse_unsigned(list.substr(0, comma), 0);
        if (!number || number->value == 0 || number->value > 65535) {
            return usage_error({parameter, 0}, "not a list of ports",
                               "give numbers from 1 to 65535: ports=21,2121");
        }
        const auto port = static_cast<std::uint16_t>(number->value);
        if (std::find(ports.begin(), ports.end(), port) == ports.end()) {
            ports.push_back(port);
        }
        list.remove_prefix(std::min(comma + 1, list.size()));
    }
    if (ports.size() > most_ports) {
        return usage_error({parameter, 0}, "too many ports", "twelve is the most");
    }
    return Done{};
}

// Whether one letter more, less or other makes one of the other.
bool one_letter_off(std::string_view a, std::string_view b) {
    const auto differ = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
    const auto rest_a = a.substr(static_cast<std::size_t>(differ.first - a.begin()));
    const auto rest_b = b.substr(static_cast<std::size_t>(differ.second - b.begin()));
    const auto behind = [](std::string_view rest) { return rest.substr(rest.empty() ? 0 : 1); };
    return behind(rest_a) == rest_b || rest_a == behind(rest_b) || behind(rest_a) == behind(rest_b);
}

// What parameters say; those of other names are let pass.
struct Parameters {
    std::vector<std::uint16_t> ports;     // of outer servers
    std::vector<std::uint16_t> in_ports;  // local ones that are forwarded to inner servers
    std::vector<std::string> cautions;
};

Result<Parameters> read_parameters(std::span<const std::string> words) {
    Parameters parameters;
    for (const std::string& word : words) {
        const std::string_view text = word;
        const std::size_t equals = std::min(text.find('='), text.size());
        const std::string_view name = text.substr(0, equals);
        for (const std::string_view known : {"ports", "in_ports"}) {
            if (name == known) {
                Status status =
                    add_ports(word, text.substr(std::min(equals + 1, text.size())),
                              known == "ports" ? parameters.ports : parameters.in_ports);
                if (!status) {
                    return status.error();
                }
            } else if (one_letter_off(name, known)) {
                parameters.cautions.push_back(word + ": no such parameter, left out; is `" +
                                              std::string(known) + "` meant?");
            }
        }
    }
    return parameters;
}

// The ports to listen to: those of outer servers, and the others beside them.
std::vector<std::uint16_t> all_ports(Parameters parameters, std::span<const std::uint16_t> usual) {
    std::vector<std::uint16_t> ports = std::move(parameters.ports);
    if (ports.empty()) {
        ports.assign(usual.begin(), usual.end());
    }
    for (const std::uint16_t port : parameters.in_ports) {
        if (std::find(ports.begin(), ports.end(), port) == ports.end() &&
            ports.size() < most_ports) {
            ports.push_back(port);
        }
    }
    return ports;
}

// Port 0 stands for any, where entries are looked for; `timed` does not matter then.
RangeForward raudio(std::uint16_t control) {
    return {protocol_udp, raudio_ports, RangeForward::Control{protocol_tcp, control, true}, false};
}

bool is_raudio(const Forward& forward) {
    const auto* range = std::get_if<RangeForward>(&forward);
    const auto* control =
        range == nullptr ? nullptr : std::get_if<RangeForward::Control>(&range->inner);
    return control != nullptr && control->protocol == protocol_tcp && !range->any_peer &&
           range->protocol == protocol_udp && range->ports == raudio_ports;
}

Change load_raudio(const std::vector<std::uint16_t>& ports) {
    ReplaceForwards replace{raudio(0), {}};
    for (const std::uint16_t port : ports) {
        replace.forwards.emplace_back(raudio(port));
    }
    return replace;
}

const Other* find_other(std::string_view name) {
    const auto* found = std::find_if(std::begin(others), std::end(others),
                                     [&](const Other& other) { return other.name == name; });
    return found == std::end(others) ? nullptr : found;
}

}  // namespace

bool is_masquerading_module(std::string_view module) {
    module.remove_prefix(module.rfind('/') + 1);
    return module.starts_with(prefix);
}

Result<ModuleRequest> load_masquerading_module(std::string_view module,
                                               std::span<const std::string> parameters) {
    ModuleRequest request{std::string(short_name(module)), std::nullopt, false, {}};
    if (const Other* other = find_other(request.name)) {
        if (!other->lost.empty()) {
            request.cautions.emplace_back(other->lost);
        }
        return request;
    }
    const auto facts = helper_facts(request.name);
    if (!facts && request.name != "raudio") {
        return no_such_module(module);
    }
    auto read = read_parameters(parameters);
    if (!read) {
        return read.error();
    }
    request.cautions = read->cautions;
    request.names_ports = !read->ports.empty() || !read->in_ports.empty();
    if (facts) {
        auto ports = all_ports(*std::move(read), facts->ports);
        request.change = AddForward{Helper{request.name, std::move(ports)}, false};
    } else {
        request.change = load_raudio(all_ports(*std::move(read), raudio_controls));
    }
    return request;
}

Result<ModuleRequest> remove_masquerading_module(std::string_view module) {
    ModuleRequest request{std::string(short_name(module)), std::nullopt, false, {}};
    if (find_other(request.name) != nullptr) {
        return request;
    }
    if (helper_facts(request.name)) {
        request.change = DeleteForwards{Helper{request.name, {}}};
    } else if (request.name == "raudio") {
        request.change = DeleteForwards{raudio(0)};
    } else {
        return no_such_module(module);
    }
    return request;
}

std::vector<std::string> loaded_masquerading_modules(const Ruleset& ruleset) {
    std::vector<std::string> names;
    for (const ForwardEntry& entry : ruleset.forwards) {
        if (const auto* helper = std::get_if<Helper>(&entry.what)) {
            names.push_back(helper->name);
        } else if (is_raudio(entry.what) && (names.empty() || names.back() != "raudio")) {
            names.emplace_back("raudio");  // one for all its ports: ranges come before helpers
        }
    }
    return names;
}

}  // namespace fw
