#include "parse/lettered.h"

#include <utility>

namespace fw {

namespace {

constexpr LetteredOption common[] = {
    {option_state, 1, 1, "FILE", "state"},
    {option_dry_run, 0, 0, "", "dry-run"},
    {'h', 0, 0, "", "help"},
    {'V', 0, 0, "", "version"},
};

class Reader {
public:
    Reader(std::span<const std::string> words, std::span<const LetteredOption> options,
           std::string_view program, int first_position, std::span<const Mistyped> mistyped)
        : words_(words),
          options_(options),
          program_(program),
          first_position_(first_position),
          mistyped_(mistyped) {}

    Result<LetteredLine> read() {
        while (index_ < words_.size()) {
            const Word word = take();
            Status status = Done{};
            if (word.text == "--") {
                continue;
            }
            if (word.text.starts_with("--")) {
                status = long_option(word);
            } else if (word.text.starts_with('-') && word.text.size() > 1) {
                status = cluster(word);
            } else {
                line_.plain.push_back(word);
            }
            if (!status) {
                return status.error();
            }
        }
        return std::move(line_);
    }

private:
    [[nodiscard]] Word take() {
        const Word word{words_[index_], static_cast<int>(index_) + first_position_};
        ++index_;
        return word;
    }

    [[nodiscard]] const Mistyped* known_mistake(std::string_view option) const {
        for (const Mistyped& known : mistyped_) {
            if (known.option == option) {
                return &known;
            }
        }
        return nullptr;
    }

    // No option is a digit: a number below zero is a value, and a wrong one; unless somebody may
    // have taken the digit for a letter.
    [[nodiscard]] bool may_be_value(std::string_view word) const {
        return !word.starts_with('-') || (word.size() > 1 && word[1] >= '0' && word[1] <= '9' &&
                                          known_mistake(word.substr(0, 2)) == nullptr);
    }

    // `option` is the one of the word that is meant.
    [[nodiscard]] Error unknown(Word word, std::string_view option) const {
        const Mistyped* known = known_mistake(option);
        return usage_error(word, "no such option",
                           known != nullptr
                               ? std::string(known->remedy)
                               : "`" + std::string(program_) + " -h` lists the options");
    }

    // First which letters there are, then their values behind the word.
    Status cluster(Word word) {
        std::vector<const LetteredOption*> found;
        std::string_view glued;
        for (std::size_t i = 1; i < word.text.size() && glued.empty(); ++i) {
            const LetteredOption* option = with_letter(word.text[i]);
            if (option == nullptr) {
                return unknown(word, std::string("-") + word.text[i]);
            }
            found.push_back(option);
            if (option->most > 0 && option->glued) {
                glued = word.text.substr(i + 1);
            }
        }
        for (const LetteredOption* option : found) {
            const bool last = option == found.back();
            Status status = values(*option, word, last ? glued : std::string_view());
            if (!status) {
                return status;
            }
        }
        return Done{};
    }

    Status long_option(Word word) {
        const std::size_t equals = word.text.find('=');
        const LetteredOption* option =
            with_name(word.text.substr(2, equals == word.text.npos ? equals : equals - 2));
        if (option == nullptr) {
            return unknown(word, word.text.substr(0, equals));
        }
        if (equals == word.text.npos) {
            return values(*option, word, {});
        }
        if (option->most == 0) {
            return usage_error(word, "this option takes no value", "leave out what follows =");
        }
        return values(*option, word, word.text.substr(equals + 1));
    }

    Status values(const LetteredOption& option, Word word, std::string_view glued) {
        if (line_.has(option.letter)) {
            return usage_error(word, "given twice", "leave one of them out");
        }
        LetteredGiven given{option.letter, word, {}};
        unsigned count = 0;
        if (!glued.empty()) {
            given.values[count++] = {glued, word.position};
        }
        while (count < option.most && index_ < words_.size() && may_be_value(words_[index_])) {
            given.values[count++] = take();
        }
        if (count > 0 && count < option.least &&
            given.values[count - 1].text.find(':') != std::string_view::npos) {
            return usage_error(given.values[count - 1], "a port stands apart",
                               "write " + shown(option) + " " + std::string(option.values));
        }
        if (count < option.least) {
            return usage_error(word, "something is missing behind this",
                               "write " + shown(option) + " " + std::string(option.values));
        }
        line_.given.push_back(given);
        return Done{};
    }

    static std::string shown(const LetteredOption& option) {
        return option.letter < ' ' ? "--" + std::string(option.name)
                                   : std::string("-") + option.letter;
    }

    template <typename Fits>
    [[nodiscard]] const LetteredOption* find(Fits fits) const {
        for (const std::span<const LetteredOption> table :
             {options_, std::span<const LetteredOption>(common)}) {
            for (const LetteredOption& option : table) {
                if (fits(option)) {
                    return &option;
                }
            }
        }
        return nullptr;
    }
    [[nodiscard]] const LetteredOption* with_letter(char letter) const {
        return find([letter](const LetteredOption& option) {
            return option.letter >= ' ' && option.letter == letter;
        });
    }
    [[nodiscard]] const LetteredOption* with_name(std::string_view name) const {
        return find([name](const LetteredOption& option) {
            return !option.name.empty() && option.name == name;
        });
    }

    std::span<const std::string> words_;
    std::span<const LetteredOption> options_;
    std::string_view program_;
    int first_position_;
    std::span<const Mistyped> mistyped_;
    std::size_t index_ = 0;
    LetteredLine line_;
};

}  // namespace

const LetteredGiven* LetteredLine::get(char letter) const {
    for (const LetteredGiven& one : given) {
        if (one.letter == letter) {
            return &one;
        }
    }
    return nullptr;
}

Result<const LetteredGiven*> LetteredLine::only_one_of(std::string_view letters,
                                                       std::string_view remedy) const {
    const LetteredGiven* found = nullptr;
    for (const LetteredGiven& one : given) {
        if (letters.find(one.letter) == letters.npos) {
            continue;
        }
        if (found != nullptr) {
            return usage_error(one.option, "does not go with " + std::string(found->option.text),
                               "give one of the two");
        }
        found = &one;
    }
    if (found == nullptr) {
        return usage_error({}, "nothing says what to do", std::string(remedy));
    }
    return found;
}

Result<LetteredLine> read_lettered(std::span<const std::string> words,
                                   std::span<const LetteredOption> options,
                                   std::string_view program, int first_position,
                                   std::span<const Mistyped> mistyped) {
    return Reader(words, options, program, first_position, mistyped).read();
}

}  // namespace fw
