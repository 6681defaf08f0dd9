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
            "there were ftp, irc, raudio, pptp, h323, ipsec, quake, cuseeme, vdolive and user"};
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

// `ports` are those of outer servers; `in_ports`, local ones that are forwarded to inner servers,
// come beside them.
Result<std::vector<std::uint16_t>> parse_ports(std::span<const std::string> parameters,
                                               std::span<const std::uint16_t> usual) {
    std::vector<std::uint16_t> ports;
    std::vector<std::uint16_t> in_ports;
    for (const std::string& parameter : parameters) {
        const std::string_view text = parameter;
        const std::size_t equals = std::min(text.find('='), text.size());
        const std::string_view name = text.substr(0, equals);
        if (name == "ports" || name == "in_ports") {
            Status status = add_ports(parameter, text.substr(std::min(equals + 1, text.size())),
                                      name == "ports" ? ports : in_ports);
            if (!status) {
                return status.error();
            }
        }
    }
    if (ports.empty()) {
        ports.assign(usual.begin(), usual.end());
    }
    for (const std::uint16_t port : in_ports) {
        if (std::find(ports.begin(), ports.end(), port) == ports.end() &&
            ports.size() < most_ports) {
            ports.push_back(port);
        }
    }
    return ports;
}

RangeForward raudio(std::uint16_t control) {
    return {protocol_udp, raudio_ports, RangeForward::Control{protocol_tcp, control, true}, false};
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
    const std::string_view name = short_name(module);
    if (const Other* other = find_other(name)) {
        return ModuleRequest{{}, std::string(other->lost)};
    }
    const auto facts = helper_facts(name);
    if (!facts && name != "raudio") {
        return no_such_module(module);
    }
    const auto usual = facts ? std::span<const std::uint16_t>(facts->ports)
                             : std::span<const std::uint16_t>(raudio_controls);
    auto ports = parse_ports(parameters, usual);
    if (!ports) {
        return ports.error();
    }
    ModuleRequest request;
    if (facts) {
        request.changes.emplace_back(
            AddForward{Helper{std::string(name), *std::move(ports)}, false});
        return request;
    }
    for (const std::uint16_t port : *ports) {
        request.changes.emplace_back(AddForward{raudio(port), false});
    }
    return request;
}

Result<ModuleRequest> remove_masquerading_module(std::string_view module) {
    const std::string_view name = short_name(module);
    if (find_other(name) != nullptr) {
        return ModuleRequest{};
    }
    ModuleRequest request;
    if (helper_facts(name)) {
        request.changes.emplace_back(DeleteForwards{Helper{std::string(name), {}}});
    } else if (name == "raudio") {
        for (const std::uint16_t port : raudio_controls) {
            request.changes.emplace_back(DeleteForwards{raudio(port)});
        }
    } else {
        return no_such_module(module);
    }
    return request;
}

}  // namespace fw
