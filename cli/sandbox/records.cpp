#include "records.h"

#include <cstdint>
#include <cstring>
#include <utility>

namespace sandbox {

namespace {

void put(std::string& bytes, std::size_t number) {
    const auto value = static_cast<std::uint32_t>(number);
    bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

// Takes a number from the front; false if there is none.
bool take(std::string_view& bytes, std::uint32_t& number) {
    if (bytes.size() < sizeof number) {
        return false;
    }
    std::memcpy(&number, bytes.data(), sizeof number);
    bytes.remove_prefix(sizeof number);
    return true;
}

bool take_record(std::string_view& bytes, Record& record) {
    std::uint32_t length = 0;
    std::uint32_t count = 0;
    if (!take(bytes, length) || length > bytes.size()) {
        return false;
    }
    std::string_view body = bytes.substr(0, length);
    bytes.remove_prefix(length);
    if (!take(body, count) || count == 0 || count > length / sizeof length) {
        return false;
    }
    for (; count != 0; --count) {
        std::uint32_t size = 0;
        if (!take(body, size) || size > body.size()) {
            return false;
        }
        record.emplace_back(body.substr(0, size));
        body.remove_prefix(size);
    }
    return true;
}

}  // namespace

std::string encode(const Record& record) {
    std::string body;
    put(body, record.size());
    for (const std::string& text : record) {
        put(body, text.size());
        body += text;
    }
    std::string bytes;
    put(bytes, body.size());
    return bytes + body;
}

Decoded decode(std::string_view bytes) {
    Decoded decoded;
    while (!bytes.empty() && decoded.whole) {
        Record record;
        decoded.whole = take_record(bytes, record);
        if (decoded.whole) {
            decoded.records.push_back(std::move(record));
        }
    }
    return decoded;
}

}  // namespace sandbox
