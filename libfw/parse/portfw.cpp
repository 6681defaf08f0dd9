// ipmasqadm portfw, and ipportfw before it.
#include "parse/forward_tools.h"
#include "parse/forward_values.h"

namespace fw {

namespace {

constexpr LetteredOption portfw_options[] = {
    {'a', 0, 0, ""},
    {'d', 0, 0, ""},
    {'f', 0, 0, ""},
    {'l', 0, 0, ""},
    {'n', 0, 0, ""},
    {'P', 1, 1, "tcp or udp"},
    {'L', 2, 2, "ADDRESS PORT"},
    {'R', 2, 2, "ADDRESS PORT"},
    {'p', 1, 1, "PREFERENCE"},
};

struct End {
    Address address;
    std::uint16_t port = 0;
};

// `host` is what the word before the port came to.
Result<End> parse_end(const Result<Address>& host, Word port, std::uint16_t protocol,
                      const Names& names, std::uint16_t most) {
    if (!host) {
        return host.error();
    }
    const auto number = parse_forward_port(port, protocol, names, most);
    if (!number) {
        return number.error();
    }
    return End{*host, *number};
}

constexpr std::uint16_t last_port = 65535;

// What -P and -L say; the inner side is left open.
Result<PortForward> outer_side(const LetteredLine& line, const Names& names) {
    const auto protocol_given = needed(line, 'P', "say -P tcp or -P udp");
    if (!protocol_given) {
        return protocol_given.error();
    }
    const auto protocol = parse_tcp_or_udp((*protocol_given)->values[0]);
    if (!protocol) {
        return protocol.error();
    }
    const auto local = needed(line, 'L', "say which address and port of this machine it is");
    if (!local) {
        return local.error();
    }
    const auto outer = parse_end(parse_host((*local)->values[0], names), (*local)->values[1],
                                 *protocol, names, last_port);
    if (!outer) {
        return outer.error();
    }
    PortForward forward;
    forward.protocol = *protocol;
    forward.local = outer->address;
    forward.local_port = outer->port;
    return forward;
}

Result<PortForward> both_sides(const LetteredLine& line, const Names& names) {
    auto forward = outer_side(line, names);
    const LetteredGiven* inner = line.get('R');
    if (!forward || inner == nullptr) {
        return forward;
    }
    const auto end = parse_end(parse_inner_host(inner->values[0], names), inner->values[1],
                               forward->protocol, names, last_port);
    if (!end) {
        return end.error();
    }
    forward->inner = end->address;
    forward->inner_port = end->port;
    return forward;
}

Result<MasqueradingAction> add_or_delete(const LetteredLine& line, bool add, const Names& names) {
    if (add) {
        const auto inner = needed(line, 'R', "say to which inner address and port it goes");
        if (!inner) {
            return inner.error();
        }
    }
    auto forward = both_sides(line, names);
    if (!forward) {
        return forward.error();
    }
    if (Status status = take_preference(line, forward->preference); !status) {
        return status.error();
    }
    return MasqueradingAction(add ? Change(AddForward{*forward, false})
                                  : Change(DeleteForwards{*forward}));
}

Result<MasqueradingAction> portfw_action(const LetteredLine& line, const Names& names) {
    if (line.has('h')) {
        return MasqueradingAction(MasqueradingHelp{MasqueradingTool::portfw});
    }
    const auto command = chosen_command(line, "adfl", "-a adds, -d deletes, -f flushes, -l lists");
    if (!command) {
        return command.error();
    }
    switch (*command) {
        case 'f': return MasqueradingAction(Change(FlushForwards{ForwardKind::port}));
        case 'l': return MasqueradingAction(ListForwards{MasqueradingTool::portfw, line.has('n')});
        default: return add_or_delete(line, *command == 'a', names);
    }
}

constexpr LetteredOption ipportfw_options[] = {
    {'A', 0, 0, ""},
    {'D', 0, 0, ""},
    {'C', 0, 0, ""},
    {'L', 0, 0, ""},
    {'n', 0, 0, ""},
    {'t', 1, 1, "ADDRESS/PORT"},
    {'u', 1, 1, "ADDRESS/PORT"},
    {'R', 1, 1, "ADDRESS/PORT"},
};

// The ports above were masquerading's own.
constexpr std::uint16_t last_forwarded_port = 60999;

Result<End> parse_pair(Word word, decltype(&parse_host) host, std::uint16_t protocol,
                       const Names& names) {
    const std::size_t slash = word.text.find('/');
    if (slash == word.text.npos) {
        return usage_error(word, "a port is missing behind the address",
                           "write ADDRESS/PORT: 192.0.2.1/80");
    }
    return parse_end(host({word.text.substr(0, slash), word.position}, names),
                     {word.text.substr(slash + 1), word.position}, protocol, names,
                     last_forwarded_port);
}

Result<MasqueradingAction> ipportfw_change(const LetteredLine& line, bool add, const Names& names) {
    if (!line.has('t') && !line.has('u')) {
        return usage_error({}, "-t or -u is missing",
                           "say which address and port of this machine it is: -t 192.0.2.1/80");
    }
    const auto local = line.only_one_of("tu", "");
    if (!local) {
        return local.error();
    }
    PortForward forward;
    forward.protocol = (*local)->letter == 't' ? protocol_tcp : protocol_udp;
    const auto outer = parse_pair((*local)->values[0], parse_host, forward.protocol, names);
    if (!outer) {
        return outer.error();
    }
    forward.local = outer->address;
    forward.local_port = outer->port;
    if (!add) {
        return MasqueradingAction(Change(DeleteForwards{forward}));
    }
    const auto inner = needed(line, 'R', "say to which inner address and port it goes");
    if (!inner) {
        return inner.error();
    }
    const auto end = parse_pair((*inner)->values[0], parse_inner_host, forward.protocol, names);
    if (!end) {
        return end.error();
    }
    forward.inner = end->address;
    forward.inner_port = end->port;
    return MasqueradingAction(Change(AddForward{forward, false}));
}

Result<MasqueradingAction> ipportfw_action(const LetteredLine& line, const Names& names) {
    if (line.has('h')) {
        return MasqueradingAction(MasqueradingHelp{MasqueradingTool::ipportfw});
    }
    const auto command =
        chosen_command(line, "ADCL", "-A adds, -D deletes, -C clears all, -L lists");
    if (!command) {
        return command.error();
    }
    switch (*command) {
        case 'C': return MasqueradingAction(Change(FlushForwards{ForwardKind::port}));
        case 'L':
            return MasqueradingAction(ListForwards{MasqueradingTool::ipportfw, line.has('n')});
        default: return ipportfw_change(line, *command == 'A', names);
    }
}

}  // namespace

Result<MasqueradingCommand> parse_portfw(std::span<const std::string> words, const Names& names,
                                         int first_position) {
    const auto line = read_lettered(words, portfw_options, "ipmasqadm portfw", first_position);
    if (!line) {
        return line.error();
    }
    return masquerading_command(*line, portfw_action(*line, names));
}

Result<MasqueradingCommand> parse_ipportfw(std::span<const std::string> words, const Names& names) {
    const auto line = read_lettered(words, ipportfw_options, "ipportfw");
    if (!line) {
        return line.error();
    }
    return masquerading_command(*line, ipportfw_action(*line, names));
}

}  // namespace fw
