#include "saved/lines.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "print/text.h"

namespace fw::saved {

namespace {

// All of C's but the newline; asked of each byte of a file.
bool is_blank(char c) { return c == ' ' || (c >= '\t' && c <= '\r' && c != '\n'); }

std::size_t blanks_before(std::string_view text) {
    const auto word = std::find_if_not(text.begin(), text.end(), is_blank);
    return static_cast<std::size_t>(word - text.begin());
}

// Takes a word in quotes off the front, if there is one.
std::optional<std::string> take_quoted(std::string_view& text) {
    std::string word;
    for (std::size_t i = 1; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '"') {
            const bool ends = i + 1 == text.size() || is_blank(text[i + 1]);
            if (ends) {
                text.remove_prefix(i + 1);
                return word;
            }
            return std::nullopt;
        }
        if (c == '\\' && i + 1 < text.size()) {
            ++i;
            word += text[i] == 'n' ? '\n' : text[i];
        } else {
            word += c;
        }
    }
    return std::nullopt;
}

void take_word(std::string_view& text, std::vector<std::string>& words) {
    if (text.front() == '"') {
        if (std::optional<std::string> word = take_quoted(text)) {
            words.push_back(*std::move(word));
            return;
        }
    }
    const auto end = std::find_if(text.begin(), text.end(), is_blank);
    const auto size = static_cast<std::size_t>(end - text.begin());
    words.emplace_back(text.substr(0, size));
    text.remove_prefix(size);
}

void split(TextLine& line) {
    line.words.clear();
    line.comment = {};
    std::string_view text = line.text;
    for (;;) {
        text.remove_prefix(blanks_before(text));
        if (text.empty()) {
            return;
        }
        if (text.front() == '#') {
            line.comment = text;
            return;
        }
        if (line.words.empty() && text.front() == ':') {
            line.words.emplace_back(":");
            text.remove_prefix(1);
        } else {
            take_word(text, line.words);
        }
    }
}

}  // namespace

bool Lines::next(TextLine& line) {
    if (rest_.empty()) {
        return false;
    }
    const std::size_t end = std::min(rest_.find('\n'), rest_.size());
    line.number = ++number_;
    line.text = rest_.substr(0, end);
    rest_.remove_prefix(std::min(end + 1, rest_.size()));
    split(line);
    return true;
}

void append_word(std::string& out, std::string_view word) {
    const bool plain = !word.empty() && word.front() != '"' && word.front() != '#' &&
                       word.find_first_of(" \t\r\v\f\n") == std::string_view::npos;
    if (plain) {
        out += word;
        return;
    }
    out += '"';
    for (const char c : word) {
        if (c == '"' || c == '\\') {
            out += '\\';
        }
        out += c == '\n' ? std::string_view("\\n") : std::string_view(&c, 1);
    }
    out += '"';
}

void append_counters(std::string& out, const Counters& counters) {
    out += "# [";
    print::append_number(out, counters.packets);
    out += ':';
    print::append_number(out, counters.bytes);
    out += "]\n";
}

}  // namespace fw::saved
