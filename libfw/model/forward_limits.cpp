#include "model/forward_limits.h"

#include <algorithm>

namespace fw {

namespace {

constexpr std::uint32_t most_preference = 65535;
constexpr std::uint16_t last_protocol = 255;
constexpr std::size_t most_helper_ports = 12;

bool has_ports(std::uint16_t protocol) {
    return protocol == protocol_tcp || protocol == protocol_udp;
}

bool can_be_asked(std::uint32_t preference) {
    return preference >= 1 && preference <= most_preference;
}

bool is_host(Address address) { return address != Address{}; }

struct Limits {
    bool operator()(const PortForward& port) const {
        return has_ports(port.protocol) && port.local_port != 0 && port.inner_port != 0 &&
               is_host(port.inner) && can_be_asked(port.preference);
    }
    bool operator()(const MarkForward& mark) const {
        return mark.mark != 0 && is_host(mark.inner) && can_be_asked(mark.preference);
    }
    bool operator()(const RangeForward& range) const {
        const auto* control = std::get_if<RangeForward::Control>(&range.inner);
        const bool inner_is_good = control == nullptr
                                       ? !range.any_peer
                                       : has_ports(control->protocol) && control->port != 0;
        return has_ports(range.protocol) && range.ports.first != 0 &&
               range.ports.first <= range.ports.last && inner_is_good;
    }
    bool operator()(const ProtocolForward& protocol) const {
        return protocol.protocol != 0 && protocol.protocol <= last_protocol &&
               is_host(protocol.inner);
    }
    bool operator()(const Helper& helper) const {
        return helper_facts(helper.name) && !helper.ports.empty() &&
               helper.ports.size() <= most_helper_ports &&
               std::find(helper.ports.begin(), helper.ports.end(), 0) == helper.ports.end();
    }
};

}  // namespace

bool within_limits(const Forward& forward) { return std::visit(Limits{}, forward); }

}  // namespace fw
