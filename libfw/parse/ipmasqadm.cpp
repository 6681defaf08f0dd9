#include <algorithm>

#include "parse/forward_tools.h"
#include "parse/forward_values.h"

namespace fw {

namespace {

// Where the part's name stands: our options may come before it.
std::size_t find_part(std::span<const std::string> words) {
    std::size_t index = 0;
    while (index < words.size() && words[index].starts_with('-')) {
        index += words[index] == "--state" ? 2 : 1;
    }
    return std::min(index, words.size());
}

Result<MasqueradingCommand> parse_part(Word part, std::span<const std::string> words,
                                       const Names& names) {
    if (part.text == "portfw") {
        return parse_portfw(words, names, part.position + 1);
    }
    if (part.text == "mfw") {
        return parse_mfw(words, names, part.position + 1);
    }
    if (part.text == "autofw") {
        return parse_autofw(words, names, part.position + 1);
    }
    return usage_error(part, "no such part", "there are portfw, mfw and autofw");
}

// A listing changes nothing that could be shown instead.
Status check_dry_run(const LetteredLine& line, const MasqueradingAction& action) {
    const LetteredGiven* dry_run = line.get(option_dry_run);
    if (dry_run != nullptr && std::holds_alternative<ListForwards>(action)) {
        return usage_error(dry_run->option, "this does not go with the command",
                           "a listing changes nothing; leave it out");
    }
    return Done{};
}

}  // namespace

Result<MasqueradingCommand> masquerading_command(const LetteredLine& line,
                                                 Result<MasqueradingAction> action) {
    if (line.has('V')) {
        action = MasqueradingAction(Version{});
    }
    if (!action) {
        return action.error();
    }
    if (Status status = check_dry_run(line, *action); !status) {
        return status.error();
    }
    MasqueradingCommand command{*std::move(action), std::nullopt, line.has(option_dry_run),
                                line.has(option_foreground)};
    if (const LetteredGiven* state = line.get(option_state)) {
        command.state = std::string(state->values[0].text);
    }
    return command;
}

Result<char> chosen_command(const LetteredLine& line, std::string_view letters,
                            std::string_view remedy) {
    if (!line.plain.empty()) {
        return usage_error(line.plain.front(), "this word belongs to no option",
                           "leave it out, or put the option before it");
    }
    const auto command = line.only_one_of(letters, remedy);
    if (!command) {
        return command.error();
    }
    return (*command)->letter;
}

Status take_preference(const LetteredLine& line, std::uint32_t& preference) {
    const LetteredGiven* given = line.get('p');
    if (given == nullptr) {
        return Done{};
    }
    const auto number = parse_preference(given->values[0]);
    if (!number) {
        return number.error();
    }
    preference = *number;
    return Done{};
}

Result<const LetteredGiven*> needed(const LetteredLine& line, char letter,
                                    std::string_view remedy) {
    const LetteredGiven* given = line.get(letter);
    if (given == nullptr) {
        return usage_error({}, std::string("-") + letter + " is missing", std::string(remedy));
    }
    return given;
}

Result<MasqueradingCommand> parse_ipmasqadm(std::span<const std::string> words,
                                            const Names& names) {
    const std::size_t index = find_part(words);
    const auto before = read_lettered(words.first(index), {}, "ipmasqadm");
    if (!before) {
        return before.error();
    }
    if (before->has('h') || before->has('V')) {
        return masquerading_command(*before, MasqueradingAction(MasqueradingHelp{}));
    }
    if (index == words.size()) {
        return usage_error({}, "nothing says what to do",
                           "portfw, mfw or autofw follows; `ipmasqadm -h` tells more");
    }
    const Word part{words[index], static_cast<int>(index)};
    Result<MasqueradingCommand> command = parse_part(part, words.subspan(index + 1), names);
    if (command) {
        if (Status status = check_dry_run(*before, command->action); !status) {
            return status.error();
        }
        const LetteredGiven* state = before->get(option_state);
        if (state != nullptr && !command->state) {
            command->state = std::string(state->values[0].text);
        }
        command->dry_run = command->dry_run || before->has(option_dry_run);
    }
    return command;
}

}  // namespace fw
