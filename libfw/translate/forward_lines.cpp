#include "translate/forward_lines.h"

#include <string_view>

#include "print/text.h"

namespace fw::translate {

namespace {

std::string protocol(std::uint16_t number) { return number == protocol_tcp ? "tcp" : "udp"; }
std::string number(std::uint32_t value) { return std::to_string(value); }

std::string dotted(Address address) {
    std::string text;
    print::append_address(text, address);
    return text;
}

constexpr std::uint32_t usual_preference = 10;

std::string preference(std::uint32_t value) {
    return value == usual_preference ? "" : " -p " + number(value);
}

struct Line {
    std::string operator()(const PortForward& port) const {
        return "ipmasqadm portfw -a -P " + protocol(port.protocol) + " -L " + dotted(port.local) +
               " " + number(port.local_port) + " -R " + dotted(port.inner) + " " +
               number(port.inner_port) + preference(port.preference);
    }
    std::string operator()(const MarkForward& mark) const {
        return "ipmasqadm mfw -A -m " + number(mark.mark) + " -r " + dotted(mark.inner) +
               (mark.inner_port == 0 ? "" : " " + number(mark.inner_port)) +
               preference(mark.preference);
    }
    std::string operator()(const RangeForward& range) const {
        std::string line = "ipmasqadm autofw -A -r " + protocol(range.protocol) + " " +
                           number(range.ports.first) + " " + number(range.ports.last);
        if (const auto* inner = std::get_if<Address>(&range.inner)) {
            return line + " -h " + dotted(*inner);
        }
        const auto& control = std::get<RangeForward::Control>(range.inner);
        line += " -c " + protocol(control.protocol) + " " + number(control.port);
        return line + (control.timed ? "" : " -u") + (range.any_peer ? " -i" : "");
    }
    std::string operator()(const ProtocolForward& forward) const {
        return std::string("ipfwd ") + (forward.masquerade ? "--masq " : "") +
               dotted(forward.inner) + " " + number(forward.protocol) + " &";
    }
    std::string operator()(const Helper& helper) const {
        std::string line = "modprobe ip_masq_" + helper.name + " ports=";
        for (const std::uint16_t port : helper.ports) {
            line += (line.back() == '=' ? "" : ",") + number(port);
        }
        return line;
    }
};

}  // namespace

std::string forward_lines(const Ruleset& ruleset) {
    std::string lines;
    for (const ForwardEntry& entry : ruleset.forwards) {
        lines += "# " + std::visit(Line{}, entry.what) + "\n";
    }
    return lines;
}

}  // namespace fw::translate
