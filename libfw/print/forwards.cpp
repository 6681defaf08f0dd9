// Listings of the masquerading tools. The columns of portfw and ipportfw are the original's (as
// they stand in mails and documents of the time); mfw's follow portfw's. autofw and ipfwd had no
// listing of their own.
#include <algorithm>

#include "fw/print.h"
#include "print/name_cache.h"
#include "print/text.h"

namespace fw {

namespace {

using print::append_address;
using print::append_column;
using print::append_number;

constexpr std::size_t protocol_width = 5;
constexpr std::size_t address_width = 21;
constexpr std::size_t port_width = 8;
constexpr std::size_t count_width = 5;

class Lines {
public:
    Lines(bool numeric, const Names& names) : numeric_(numeric), names_(names) {}

    [[nodiscard]] std::string portfw(const Ruleset& ruleset);
    [[nodiscard]] std::string ipportfw(const Ruleset& ruleset);
    [[nodiscard]] std::string mfw(const Ruleset& ruleset);
    [[nodiscard]] std::string autofw(const Ruleset& ruleset);
    [[nodiscard]] std::string ipfwd(const Ruleset& ruleset);

private:
    void end_of_turn(std::uint32_t preference, const Counters& counters);
    void protocol(std::uint16_t number);
    void address(Address address, std::size_t width);
    void port(std::uint16_t port, std::uint16_t protocol, std::size_t width);
    void right(std::string_view text, std::size_t width);

    bool numeric_;
    print::NameCache names_;
    std::string out_;
};

// How many connections are still to come before it is the next entry's turn, and of how many.
void Lines::end_of_turn(std::uint32_t preference, const Counters& counters) {
    const std::uint32_t turn = std::max(preference, 1u);
    out_ += ' ';
    append_number(out_, turn - counters.packets % turn, count_width);
    out_ += ' ';
    append_number(out_, preference, count_width);
    out_ += '\n';
}

void Lines::protocol(std::uint16_t number) {
    append_column(out_, number == protocol_udp ? "UDP" : "TCP", protocol_width);
}

void Lines::address(Address address, std::size_t width) {
    const std::size_t start = out_.size();
    if (!numeric_ && !names_.place(address).empty()) {
        out_ += names_.place(address);
    } else {
        append_address(out_, address);
    }
    if (width != 0) {
        print::pad_right(out_, start, width - 1);
        out_ += ' ';
    }
}

void Lines::right(std::string_view text, std::size_t width) {
    out_.append(width - std::min(width, text.size()), ' ');
    out_ += text;
}

void Lines::port(std::uint16_t port, std::uint16_t protocol, std::size_t width) {
    if (!numeric_ && !names_.service(port, protocol).empty()) {
        right(names_.service(port, protocol), width);
    } else {
        append_number(out_, port, width);
    }
}

std::string Lines::portfw(const Ruleset& ruleset) {
    out_ = "prot localaddr            rediraddr               lport    rport  pcnt  pref\n";
    for (const ForwardEntry& entry : ruleset.forwards) {
        if (const auto* forward = std::get_if<PortForward>(&entry.what)) {
            protocol(forward->protocol);
            address(forward->local, address_width);
            address(forward->inner, address_width);
            port(forward->local_port, forward->protocol, port_width);
            out_ += ' ';
            port(forward->inner_port, forward->protocol, port_width);
            end_of_turn(forward->preference, entry.counters);
        }
    }
    return out_;
}

std::string Lines::ipportfw(const Ruleset& ruleset) {
    out_ = "Prot Local Addr/Port > Remote Addr/Port\n";
    for (const ForwardEntry& entry : ruleset.forwards) {
        if (const auto* forward = std::get_if<PortForward>(&entry.what)) {
            protocol(forward->protocol);
            address(forward->local, 0);
            out_ += '/';
            port(forward->local_port, forward->protocol, 0);
            out_ += " > ";
            address(forward->inner, 0);
            out_ += '/';
            port(forward->inner_port, forward->protocol, 0);
            out_ += '\n';
        }
    }
    return out_;
}

std::string Lines::mfw(const Ruleset& ruleset) {
    out_ = "fwmark     rediraddr               rport  pcnt  pref\n";
    for (const ForwardEntry& entry : ruleset.forwards) {
        if (const auto* forward = std::get_if<MarkForward>(&entry.what)) {
            const std::size_t start = out_.size();
            append_number(out_, forward->mark);
            print::pad_right(out_, start, 10);
            out_ += ' ';
            address(forward->inner, address_width);
            if (forward->inner_port == 0) {
                right("*", port_width);  // the port that it was sent to
            } else {
                port(forward->inner_port, protocol_tcp, port_width);
            }
            end_of_turn(forward->preference, entry.counters);
        }
    }
    return out_;
}

std::string Lines::autofw(const Ruleset& ruleset) {
    out_ = "prot      low     high rediraddr            ctl     port flags\n";
    for (const ForwardEntry& entry : ruleset.forwards) {
        const auto* forward = std::get_if<RangeForward>(&entry.what);
        if (forward == nullptr) {
            continue;
        }
        protocol(forward->protocol);
        append_number(out_, forward->ports.first, port_width);
        out_ += ' ';
        append_number(out_, forward->ports.last, port_width);
        out_ += ' ';
        if (const auto* control = std::get_if<RangeForward::Control>(&forward->inner)) {
            append_column(out_, "*", address_width);
            protocol(control->protocol);
            port(control->port, control->protocol, port_width - 1);
            out_ += control->timed ? " -" : " u";
            out_ += forward->any_peer ? "i\n" : "-\n";
        } else {
            address(*std::get_if<Address>(&forward->inner), address_width);
            out_ += "-          - --\n";
        }
    }
    return out_;
}

std::string Lines::ipfwd(const Ruleset& ruleset) {
    out_ = "protocol   rediraddr            masq\n";
    for (const ForwardEntry& entry : ruleset.forwards) {
        if (const auto* forward = std::get_if<ProtocolForward>(&entry.what)) {
            const std::size_t start = out_.size();
            if (!numeric_ && !names_.protocol(forward->protocol).empty()) {
                out_ += names_.protocol(forward->protocol);
            } else {
                append_number(out_, forward->protocol);
            }
            print::pad_right(out_, start, 10);
            out_ += ' ';
            address(forward->inner, address_width);
            out_ += forward->masquerade ? "yes\n" : "no\n";
        }
    }
    return out_;
}

}  // namespace

std::string print_forwards(const Ruleset& ruleset, const ListForwards& list, const Names& names) {
    Lines lines(list.numeric, names);
    switch (list.tool) {
        case MasqueradingTool::ipportfw: return lines.ipportfw(ruleset);
        case MasqueradingTool::mfw: return lines.mfw(ruleset);
        case MasqueradingTool::autofw:
        case MasqueradingTool::ipautofw: return lines.autofw(ruleset);
        case MasqueradingTool::ipfwd: return lines.ipfwd(ruleset);
        case MasqueradingTool::ipmasqadm:
        case MasqueradingTool::portfw: break;
    }
    return lines.portfw(ruleset);
}

}  // namespace fw
