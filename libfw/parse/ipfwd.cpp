#include "parse/fields.h"
#include "parse/forward_tools.h"
#include "parse/forward_values.h"

namespace fw {

namespace {

// Only --masq is ipfwd's; it was stopped by a signal, and ours is not there any more to get one.
constexpr LetteredOption options[] = {
    {'m', 0, 0, "", "masq"},
    {'d', 0, 0, "", "delete"},
    {'l', 0, 0, "", "list"},
    {'n', 0, 0, "", "numeric"},
    {option_foreground, 0, 0, "", "foreground"},
};

Result<std::uint16_t> parse_ip_protocol(Word word, const Names& names) {
    Given given;
    given.value = word;
    const auto protocol = parse_protocol(&given, names);
    if (!protocol) {
        return protocol.error();
    }
    if (protocol->number == 0 || protocol->number > 255) {
        return usage_error(word, "not one protocol", "give a number from 1 to 255, or a name");
    }
    return protocol->number;
}

Result<MasqueradingAction> action(const LetteredLine& line, const Names& names) {
    if (line.has('h')) {
        return MasqueradingAction(MasqueradingHelp{MasqueradingTool::ipfwd});
    }
    const bool list = line.has('l');
    if (list && line.plain.empty()) {
        return MasqueradingAction(ListForwards{MasqueradingTool::ipfwd, line.has('n')});
    }
    if (list || line.plain.size() > 2) {
        return usage_error(line.plain[list ? 0 : 2], "one word too many",
                           "write ipfwd [--masq] HOST PROTOCOL");
    }
    if (line.plain.size() < 2) {
        return usage_error({}, "a host and a protocol must follow",
                           "write them: ipfwd --masq 10.0.0.2 47");
    }
    const auto host = parse_inner_host(line.plain[0], names);
    if (!host) {
        return host.error();
    }
    const auto protocol = parse_ip_protocol(line.plain[1], names);
    if (!protocol) {
        return protocol.error();
    }
    const ProtocolForward forward{*protocol, *host, line.has('m')};
    return MasqueradingAction(line.has('d') ? Change(DeleteForwards{forward})
                                            : Change(AddForward{forward, false}));
}

}  // namespace

Result<MasqueradingCommand> parse_ipfwd(std::span<const std::string> words, const Names& names) {
    const auto line = read_lettered(words, options, "ipfwd");
    if (!line) {
        return line.error();
    }
    const LetteredGiven* stays = line->get(option_foreground);
    if (stays != nullptr && (line->has('d') || line->has('l'))) {
        return usage_error(stays->option, "goes with adding only", "leave it out");
    }
    return masquerading_command(*line, action(*line, names));
}

}  // namespace fw
