// Big-endian numbers and text as bytes, and back: what the codecs of the model are written with.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <utility>

namespace fw {

// No name in the model is longer, in bytes.
inline constexpr std::size_t max_encoded_name = 64;

class ByteWriter {
public:
    // A field: tag, length and then what is written until `end`.
    void begin(unsigned tag) {
        u8(tag);
        out_.push_back(0);
        start_ = out_.size();
    }
    void end() { out_[start_ - 1] = static_cast<char>(out_.size() - start_); }

    void u8(unsigned value) { out_.push_back(static_cast<char>(value)); }
    void u16(unsigned value) {
        u8(value >> 8);
        u8(value & 0xff);
    }
    void u32(std::uint32_t value) {
        u16(value >> 16);
        u16(value & 0xffff);
    }
    void text(const std::string& value) { out_ += value; }
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    std::string out_;
    std::size_t start_ = 0;
};

// Reads off the front; remembers whether there were enough bytes.
class ByteReader {
public:
    explicit ByteReader(std::span<const std::uint8_t> bytes) : bytes_(bytes) {}

    unsigned u8() {
        if (bytes_.empty()) {
            good_ = false;
            return 0;
        }
        const unsigned value = bytes_.front();
        bytes_ = bytes_.subspan(1);
        return value;
    }
    std::uint16_t u16() {
        const unsigned high = u8();
        return static_cast<std::uint16_t>(high << 8 | u8());
    }
    std::uint32_t u32() {
        const std::uint32_t high = u16();
        return high << 16 | u16();
    }
    // A yes or no; any other byte is an error, so that each value has one encoding.
    bool flag() {
        const unsigned value = u8();
        good_ = good_ && value <= 1;
        return value == 1;
    }
    std::span<const std::uint8_t> take(std::size_t count) {
        if (count > bytes_.size()) {
            good_ = false;
            count = bytes_.size();
        }
        const auto front = bytes_.first(count);
        bytes_ = bytes_.subspan(count);
        return front;
    }
    // All that is left.
    std::string text() {
        const auto all = take(bytes_.size());
        good_ = good_ && all.size() <= max_encoded_name;
        return {all.begin(), all.end()};
    }
    [[nodiscard]] bool empty() const { return bytes_.empty(); }
    [[nodiscard]] bool good() const { return good_; }
    void spoil() { good_ = false; }

private:
    std::span<const std::uint8_t> bytes_;
    bool good_ = true;
};

}  // namespace fw
