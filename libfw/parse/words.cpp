#include "parse/words.h"

#include <utility>

#include "parse/hints.h"

namespace fw {

Error usage_error(Word word, std::string problem, std::string remedy) {
    return {Code::usage, std::string(word.text), word.position, std::move(problem),
            std::move(remedy)};
}

Result<std::optional<Item>> Words::next() {
    if (letter_ != 0) {
        return next_letter();
    }
    if (index_ == words_.size()) {
        return std::optional<Item>();
    }
    const std::string& word = words_[index_];
    if (options_end_ || word.size() < 2 || word[0] != '-') {
        return next_plain();
    }
    if (word == "--") {
        options_end_ = true;
        ++index_;
        return next();
    }
    if (word[1] == '-') {
        return next_long();
    }
    letter_ = 1;
    return next_letter();
}

Word Words::peek(std::size_t ahead) const {
    const std::size_t index = index_ + ahead;
    if (index >= words_.size()) {
        return {};
    }
    return {words_[index], static_cast<int>(index)};
}

Word Words::take() {
    const Word word = peek();
    if (word.given()) {
        ++index_;
    }
    return word;
}

Word Words::take_value() {
    const Word word = peek();
    if (!word.given() || word.text.starts_with('-') || word.text.starts_with('!')) {
        return {};
    }
    return take();
}

Result<std::optional<Item>> Words::next_plain() {
    return std::optional<Item>(Item{std::nullopt, take(), {}});
}

Result<std::optional<Item>> Words::next_letter() {
    const Word word = peek();
    const auto found = find_letter(word.text[letter_]);
    const auto* form = std::get_if<OptionForm>(&found);
    if (form == nullptr) {
        return unknown_letter(word, word.text[letter_]);
    }
    Item item{form->option, word, {}};
    const std::string_view rest = word.text.substr(letter_ + 1);
    const bool last = rest.empty() || form->takes != Takes::nothing;
    letter_ = last ? 0 : letter_ + 1;
    index_ += last ? 1 : 0;
    if (form->takes == Takes::nothing) {
        return std::optional(item);
    }
    if (!rest.empty()) {
        item.value = {rest, word.position};
    } else {
        item.value = form->takes == Takes::value ? take() : take_value();
    }
    if (form->takes == Takes::value && !item.value.given()) {
        return missing_value(word, form->option);
    }
    return std::optional(item);
}

Result<std::optional<Item>> Words::next_long() {
    const Word word = take();
    const std::size_t equals = word.text.find('=');
    const bool glued = equals != std::string_view::npos;
    const auto found = find_long(word.text.substr(2, glued ? equals - 2 : equals));
    const auto* form = std::get_if<OptionForm>(&found);
    if (form == nullptr) {
        return unknown_long(word, std::get<NoOption>(found));
    }
    Item item{form->option, word, {}};
    if (glued && form->takes == Takes::nothing) {
        return usage_error(word, "this option takes no value", "leave out what follows =");
    }
    if (glued) {
        item.value = {word.text.substr(equals + 1), word.position};
    } else if (form->takes != Takes::nothing) {
        item.value = form->takes == Takes::value ? take() : take_value();
    }
    if (form->takes == Takes::value && !item.value.given()) {
        return missing_value(word, form->option);
    }
    return std::optional(item);
}

}  // namespace fw
