// Text in the nft language cut into words, and a place in it to read from.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/result.h"

namespace fw::translate {

enum class TokenKind : std::uint8_t {
    word,     // begins with a letter; may have digits and _ - . / behind it
    number,   // begins with a digit: 80, 0x1fff, 10.0.0.1, 15s
    string,   // between quotes, which are left out
    sign,     // one of { } ( ) ; , : = ! < > & | ^ . / - + @ *, or == != <= >=
    comment,  // a line of its own behind #, which is left out, as is one space
    newline,
    end,
};

struct Token {
    TokenKind kind = TokenKind::end;
    std::string_view text;
    std::uint32_t line = 0;  // from 1
};

// Where reading stands. The first error stays; who reads asks for it at the end.
class Cursor {
public:
    // `text` must outlive the cursor.
    explicit Cursor(std::string_view text);

    [[nodiscard]] const Token& peek(std::size_t ahead = 0) const;
    Token next();

    // Whether a word or sign stands here; strings never count.
    [[nodiscard]] bool at(std::string_view text, std::size_t ahead = 0) const;
    bool accept(std::string_view text);
    bool expect(std::string_view text);

    // Newlines, comments and semicolons.
    void skip_lines();
    // To what is behind the brace that closes the one that was just read.
    bool skip_block();

    // Both false: `problem` with the token at hand; or just that it is not understood.
    bool fail(std::string_view problem, std::string_view remedy = {});
    bool not_understood();

    [[nodiscard]] const std::optional<Error>& error() const { return error_; }
    [[nodiscard]] std::size_t place() const { return place_; }
    void go_to(std::size_t place) { place_ = place; }

private:
    void cut(std::string_view text);

    std::vector<Token> tokens_;
    std::size_t place_ = 0;
    std::optional<Error> error_;
};

// A number as nft reads it: decimal, or hexadecimal behind 0x.
[[nodiscard]] std::optional<std::uint64_t> number_of(std::string_view text);

}  // namespace fw::translate
