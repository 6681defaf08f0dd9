#include "parse/typed.h"

#include "parse/hints.h"

namespace fw {
namespace {

constexpr OptionSet invertible = {Option::source,      Option::source_port,
                                  Option::destination, Option::destination_port,
                                  Option::protocol,    Option::interface,
                                  Option::syn,         Option::fragments};
constexpr OptionSet invertible_inside = invertible.without({Option::syn, Option::fragments});

class Reader {
public:
    Reader(std::span<const std::string> words, Typed& typed) : words_(words), typed_(typed) {}
    [[nodiscard]] Status read();

private:
    [[nodiscard]] Status plain_word(Word word);
    [[nodiscard]] Status option(const Item& item);
    [[nodiscard]] Status invert_inside(Given& given);
    [[nodiscard]] Status values(Option option, Given& given);
    [[nodiscard]] Status chain_and_word(Option option, Given& given);
    [[nodiscard]] Status timeouts(Given& given);
    [[nodiscard]] Status port(Option port, Word option);
    [[nodiscard]] Status store(Option option, const Given& given);

    Words words_;
    Typed& typed_;
    Word bang_;                     // a `!` that waits for its option
    std::optional<Option> before_;  // the option read last
    Word port_;                     // and the port that it got
};

Status Reader::read() {
    for (;;) {
        const auto item = words_.next();
        if (!item) {
            return item.error();
        }
        if (!*item) {
            break;
        }
        const Status status = (*item)->option ? option(**item) : plain_word((*item)->word);
        if (!status) {
            return status.error();
        }
        if (typed_.has(Option::help) || typed_.has(Option::version)) {
            return Done{};
        }
    }
    if (bang_.given()) {
        return usage_error(bang_, "nothing follows the !", "put it before what it inverts");
    }
    return Done{};
}

Status Reader::plain_word(Word word) {
    if (word.text != "!") {
        return stray_word(word, before_, port_);
    }
    if (bang_.given()) {
        return usage_error(word, "two ! in a row", "one inverts, two would do nothing");
    }
    bang_ = word;
    return Done{};
}

Status Reader::option(const Item& item) {
    const Option option = *item.option;
    Given given{item.word, item.value, {}, {}, false};
    if (bang_.given()) {
        if (!invertible.has(option)) {
            return usage_error(item.word, "this can't be inverted",
                               "! goes with -p, -s, -d, -i, -y, -f and ports");
        }
        given.inverted = true;
        bang_ = {};
    }
    before_ = option;
    const bool is_port = option == Option::source_port || option == Option::destination_port;
    port_ = is_port ? given.value : Word{};
    if (invertible_inside.has(option) && given.value.text == "!") {
        if (Status status = invert_inside(given); !status) {
            return status;
        }
    }
    if (Status status = values(option, given); !status) {
        return status;
    }
    return store(option, given);
}

// The ! between an option and its value.
Status Reader::invert_inside(Given& given) {
    if (given.inverted) {
        return usage_error(given.value, "inverted twice", "leave one ! out");
    }
    const Word bang = given.value;
    given.inverted = true;
    given.value = words_.take();
    if (!given.value.given()) {
        return usage_error(bang, "nothing follows the !", "put it before what it inverts");
    }
    return Done{};
}

// The further words that some options take.
Status Reader::values(Option option, Given& given) {
    switch (option) {
        case Option::insert:
        case Option::delete_rule: given.second = words_.take_value(); return Done{};
        case Option::replace:
        case Option::policy:
        case Option::tos: return chain_and_word(option, given);
        case Option::set_timeouts: return timeouts(given);
        case Option::source: return port(Option::source_port, given.option);
        case Option::destination: return port(Option::destination_port, given.option);
        case Option::jump:
            if (given.value.text == "REDIRECT") {
                typed_.redirect_port = words_.take_value();
            }
            return Done{};
        default: return Done{};
    }
}

Status Reader::chain_and_word(Option option, Given& given) {
    given.second = words_.take_value();
    if (given.second.given()) {
        return Done{};
    }
    return missing_value(given.value, option);
}

Status Reader::timeouts(Given& given) {
    given.second = words_.take_value();
    given.third = words_.take_value();
    if (given.second.given() && given.third.given()) {
        return Done{};
    }
    return missing_value(given.value, Option::set_timeouts);
}

// A port may follow an address, inverted by its own `!`. A ! before an option is the option's.
Status Reader::port(Option port, Word option) {
    Given given{option, words_.take_value(), {}, {}, false};
    const Word next = words_.peek(1);
    if (!given.value.given() && words_.peek().text == "!" && next.given() &&
        !next.text.starts_with('-') && !next.text.starts_with('!')) {
        words_.take();
        given.value = words_.take();
        given.inverted = true;
    }
    if (!given.value.given()) {
        return Done{};
    }
    port_ = given.value;
    return store(port, given);
}

Status Reader::store(Option option, const Given& given) {
    if (typed_.has(option)) {
        return usage_error(given.option, "given twice", "give it once");
    }
    typed_.given = typed_.given.with({option});
    typed_.options[static_cast<std::size_t>(option)] = given;
    return Done{};
}

}  // namespace

// The result is large, and written where it will be read.
Result<Typed> read_words(std::span<const std::string> words) {
    Result<Typed> typed = Typed();
    if (Status status = Reader(words, *typed).read(); !status) {
        typed = status.error();
    }
    return typed;
}

}  // namespace fw
