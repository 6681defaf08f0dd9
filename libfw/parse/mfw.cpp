// ipmasqadm mfw.
#include "parse/forward_tools.h"
#include "parse/forward_values.h"

namespace fw {

namespace {

// -I was another way to write -A.
constexpr LetteredOption options[] = {
    {'A', 0, 0, ""},           {'I', 0, 0, ""},
    {'E', 0, 0, ""},           {'D', 0, 0, ""},
    {'S', 0, 0, ""},           {'F', 0, 0, ""},
    {'L', 0, 0, ""},           {'n', 0, 0, ""},
    {'m', 1, 1, "MARK"},       {'r', 1, 2, "ADDRESS [PORT]"},
    {'p', 1, 1, "PREFERENCE"},
};

Result<MarkForward> parse_forward(const LetteredLine& line, const Names& names) {
    MarkForward forward;
    const auto mark = needed(line, 'm', "say which mark it is: -m 1");
    if (!mark) {
        return mark.error();
    }
    const auto number = parse_mark_number((*mark)->values[0]);
    if (!number) {
        return number.error();
    }
    forward.mark = *number;
    if (const LetteredGiven* inner = line.get('r')) {
        const auto host = parse_inner_host(inner->values[0], names);
        if (!host) {
            return host.error();
        }
        forward.inner = *host;
        // Port 0 is the port that it was sent to, as no port is.
        if (inner->values[1].given() && inner->values[1].text != "0") {
            const auto port = parse_forward_port(inner->values[1], protocol_tcp, names);
            if (!port) {
                return port.error();
            }
            forward.inner_port = *port;
        }
    }
    if (Status status = take_preference(line, forward.preference); !status) {
        return status.error();
    }
    return forward;
}

Result<MasqueradingAction> change(const LetteredLine& line, char command, const Names& names) {
    const auto forward = parse_forward(line, names);
    if (!forward) {
        return forward.error();
    }
    if (command == 'S') {
        return MasqueradingAction(Change(RotateForwards{forward->mark}));
    }
    if (command == 'D') {
        return MasqueradingAction(Change(DeleteForwards{*forward}));
    }
    const auto inner = needed(line, 'r', "say to which inner address it goes");
    if (!inner) {
        return inner.error();
    }
    return MasqueradingAction(Change(AddForward{*forward, command == 'E'}));
}

Result<MasqueradingAction> action(const LetteredLine& line, const Names& names) {
    if (line.has('h')) {
        return MasqueradingAction(MasqueradingHelp{MasqueradingTool::mfw});
    }
    const auto command = chosen_command(
        line, "AIEDSFL",
        "-A adds, -E edits, -D deletes, -S makes it the next one's turn, -F flushes, "
        "-L lists");
    if (!command) {
        return command.error();
    }
    switch (*command) {
        case 'F': return MasqueradingAction(Change(FlushForwards{ForwardKind::mark}));
        case 'L': return MasqueradingAction(ListForwards{MasqueradingTool::mfw, line.has('n')});
        default: return change(line, *command, names);
    }
}

}  // namespace

Result<MasqueradingCommand> parse_mfw(std::span<const std::string> words, const Names& names,
                                      int first_position) {
    const auto line = read_lettered(words, options, "ipmasqadm mfw", first_position);
    if (!line) {
        return line.error();
    }
    return masquerading_command(*line, action(*line, names));
}

}  // namespace fw
