// ipmasqadm autofw, and ipautofw before it: the same options.
#include "parse/forward_tools.h"
#include "parse/forward_values.h"

namespace fw {

namespace {

// -v said what was done; the listing does. -h without a host is a call for help.
constexpr LetteredOption options[] = {
    {'A', 0, 0, ""}, {'D', 0, 0, ""},
    {'F', 0, 0, ""}, {'L', 0, 0, ""},
    {'l', 0, 0, ""}, {'n', 0, 0, ""},
    {'u', 0, 0, ""}, {'i', 0, 0, ""},
    {'v', 0, 0, ""}, {'r', 3, 3, "PROTOCOL LOW HIGH"},
    {'h', 0, 1, ""}, {'c', 2, 2, "PROTOCOL PORT"},
};

bool asks_for_help(const LetteredLine& line) {
    const LetteredGiven* host = line.get('h');
    return host != nullptr && !host->values[0].given();
}

Result<RangeForward> parse_range(const LetteredLine& line, const Names& names) {
    const auto given = needed(line, 'r', "say which ports it is about: -r udp 6970 7170");
    if (!given) {
        return given.error();
    }
    const auto& values = (*given)->values;
    const auto protocol = parse_tcp_or_udp(values[0]);
    if (!protocol) {
        return protocol.error();
    }
    const auto first = parse_forward_port(values[1], *protocol, names);
    if (!first) {
        return first.error();
    }
    const auto last = parse_forward_port(values[2], *protocol, names);
    if (!last) {
        return last.error();
    }
    if (*last < *first) {
        return usage_error(values[2], "less than the first port", "give the lower one first");
    }
    RangeForward forward;
    forward.protocol = *protocol;
    forward.ports = {*first, *last};
    return forward;
}

// -c, -u and -i. With -h there is no control connection that they could be about.
Status parse_control(const LetteredLine& line, const LetteredGiven& given, const Names& names,
                     RangeForward& forward) {
    const auto protocol = parse_tcp_or_udp(given.values[0]);
    if (!protocol) {
        return protocol.error();
    }
    const auto port = parse_forward_port(given.values[1], *protocol, names);
    if (!port) {
        return port.error();
    }
    forward.inner = RangeForward::Control{*protocol, *port, !line.has('u')};
    forward.any_peer = line.has('i');
    return Done{};
}

Result<MasqueradingAction> change(const LetteredLine& line, bool add, const Names& names) {
    auto forward = parse_range(line, names);
    if (!forward) {
        return forward.error();
    }
    const LetteredGiven* host = line.get('h');
    const LetteredGiven* control = line.get('c');
    if (host != nullptr && control != nullptr) {
        return usage_error(control->option, "does not go with -h",
                           "the inner host is either named, or found by its control connection");
    }
    if (host != nullptr) {
        const auto address = parse_inner_host(host->values[0], names);
        if (!address) {
            return address.error();
        }
        forward->inner = *address;
    } else if (control != nullptr) {
        if (Status status = parse_control(line, *control, names, *forward); !status) {
            return status.error();
        }
    } else if (add) {
        return usage_error({}, "no inner host", "name it (-h), or a control port (-c)");
    }
    return MasqueradingAction(add ? Change(AddForward{*forward, false})
                                  : Change(DeleteForwards{*forward}));
}

Result<MasqueradingAction> action(const LetteredLine& line, MasqueradingTool tool,
                                  const Names& names) {
    if (asks_for_help(line)) {
        return MasqueradingAction(MasqueradingHelp{tool});
    }
    const auto command = chosen_command(line, "ADFLl", "-A adds, -D deletes, -F flushes, -L lists");
    if (!command) {
        return command.error();
    }
    switch (*command) {
        case 'F': return MasqueradingAction(Change(FlushForwards{ForwardKind::range}));
        case 'A':
        case 'D': return change(line, *command == 'A', names);
        default: return MasqueradingAction(ListForwards{tool, line.has('n')});
    }
}

}  // namespace

Result<MasqueradingCommand> parse_autofw(std::span<const std::string> words, const Names& names,
                                         int first_position) {
    const auto line = read_lettered(words, options, "ipmasqadm autofw", first_position);
    if (!line) {
        return line.error();
    }
    return masquerading_command(*line, action(*line, MasqueradingTool::autofw, names));
}

Result<MasqueradingCommand> parse_ipautofw(std::span<const std::string> words, const Names& names) {
    const auto line = read_lettered(words, options, "ipautofw");
    if (!line) {
        return line.error();
    }
    return masquerading_command(*line, action(*line, MasqueradingTool::ipautofw, names));
}

}  // namespace fw
