#include "translate/tokens.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace fw::translate {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool in_number(char c) { return is_digit(c) || is_letter(c) || c == '.'; }
bool in_word(char c) { return in_number(c) || c == '-' || c == '/'; }

constexpr std::string_view signs = "{}();,:=!<>&|^./-+@*";

bool printable(std::string_view text) {
    return std::all_of(text.begin(), text.end(), [](char c) { return c >= 0x20 && c < 0x7f; });
}

}  // namespace

Cursor::Cursor(std::string_view text) { cut(text); }

void Cursor::cut(std::string_view text) {
    std::uint32_t line = 1;
    bool line_begins = true;
    std::size_t i = 0;
    const auto add = [&](TokenKind kind, std::size_t length, std::size_t quotes = 0) {
        tokens_.push_back({kind, text.substr(i + quotes, length - 2 * quotes), line});
        i += length;
        line_begins = false;
    };
    const auto run = [&](bool (*belongs)(char)) {
        const auto* end = std::find_if_not(text.begin() + i, text.end(), belongs);
        return static_cast<std::size_t>(end - text.begin()) - i;
    };
    while (i < text.size()) {
        const char c = text[i];
        if (c == '\n') {
            add(TokenKind::newline, 1);
            ++line;
            line_begins = true;
        } else if (c == ' ' || c == '\t' || c == '\r') {
            ++i;
        } else if (c == '\\' && text.substr(i + 1, 1) == "\n") {
            i += 2;
            ++line;
        } else if (c == '#') {
            const std::size_t length = std::min(text.find('\n', i), text.size()) - i;
            if (line_begins) {
                const std::size_t skipped = text.substr(i + 1, 1) == " " ? 2 : 1;
                tokens_.push_back({TokenKind::comment, text.substr(i, length), line});
                tokens_.back().text.remove_prefix(std::min(skipped, length));
            }
            i += length;
        } else if (c == '"') {
            const std::size_t close = text.find('"', i + 1);
            const std::size_t length = close == std::string_view::npos ? 0 : close - i + 1;
            if (length == 0 || text.substr(i, length).find('\n') != std::string_view::npos) {
                tokens_.push_back({TokenKind::sign, text.substr(i, 1), line});
                break;  // nobody understands a quote
            }
            add(TokenKind::string, length, 1);
        } else if (is_letter(c)) {
            add(TokenKind::word, run(in_word));
        } else if (is_digit(c)) {
            add(TokenKind::number, run(in_number));
        } else {
            const bool two =
                text.substr(i + 1, 1) == "=" && (c == '=' || c == '!' || c == '<' || c == '>');
            add(TokenKind::sign, two ? 2 : 1);
            if (signs.find(c) == std::string_view::npos) {
                break;  // nor such a sign
            }
        }
    }
    tokens_.push_back({TokenKind::end, {}, line});
}

const Token& Cursor::peek(std::size_t ahead) const {
    return tokens_[std::min(place_ + ahead, tokens_.size() - 1)];
}

Token Cursor::next() {
    const Token token = peek();
    place_ = std::min(place_ + 1, tokens_.size() - 1);
    return token;
}

bool Cursor::at(std::string_view text, std::size_t ahead) const {
    const Token& token = peek(ahead);
    return token.text == text && token.kind != TokenKind::string &&
           token.kind != TokenKind::comment && token.kind != TokenKind::end;
}

bool Cursor::accept(std::string_view text) {
    if (!at(text)) {
        return false;
    }
    next();
    return true;
}

bool Cursor::expect(std::string_view text) {
    return accept(text) || fail("here should be " + std::string(text));
}

void Cursor::skip_lines() {
    while (peek().kind == TokenKind::newline || peek().kind == TokenKind::comment || at(";")) {
        next();
    }
}

bool Cursor::skip_block() {
    for (std::size_t open = 1; open > 0;) {
        if (peek().kind == TokenKind::end) {
            return fail("a } is missing");
        }
        open += at("{") ? 1U : 0U;
        open -= at("}") ? 1U : 0U;
        next();
    }
    return true;
}

bool Cursor::fail(std::string_view problem, std::string_view remedy) {
    if (!error_) {
        const Token& token = peek();
        std::string text;
        if (token.kind == TokenKind::end) {
            text = "at the end: ";
        } else if (token.kind == TokenKind::newline) {
            text = "at the end of the line: ";
        } else {
            text = printable(token.text) ? std::string(token.text) + ": " : "an odd byte: ";
        }
        text += problem;
        error_ = Error{Code::usage, "line " + std::to_string(token.line), -1, std::move(text),
                       std::string(remedy)};
    }
    return false;
}

bool Cursor::not_understood() { return fail("not understood here"); }

std::optional<std::uint64_t> number_of(std::string_view text) {
    const bool hex = text.starts_with("0x");
    text.remove_prefix(hex ? 2 : 0);
    std::uint64_t value = 0;
    const auto [end, problem] =
        std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (text.empty() || problem != std::errc() || end != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

}  // namespace fw::translate
