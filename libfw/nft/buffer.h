// A netlink message under construction: bytes that grow in place, and attributes as nf_tables wants
// them (Linux 6.18, include/uapi/linux/netlink.h): numbers in network byte order, text with its
// NUL, each attribute filled up with zeros to a multiple of four bytes.
#pragma once

#include <endian.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstring>
#include <string_view>
#include <utility>

namespace fw::nft {

class Buffer {
public:
    Buffer() = default;
    ~Buffer();
    Buffer(Buffer&& other) noexcept { swap(other); }
    Buffer& operator=(Buffer&& other) noexcept {
        swap(other);
        return *this;
    }

    [[nodiscard]] std::uint8_t* data() { return memory_; }
    [[nodiscard]] const std::uint8_t* data() const { return memory_; }
    [[nodiscard]] std::size_t size() const { return size_; }

    // So many bytes more, which have no value yet. Pointers to what is there become invalid.
    std::uint8_t* extend(std::size_t count) {
        if (count > capacity_ - size_) {
            grow(count);
        }
        std::uint8_t* added = memory_ + size_;
        size_ += count;
        return added;
    }
    void shrink(std::size_t size) { size_ = size; }

    void put(std::uint16_t type, const void* value, std::size_t size) {
        std::memcpy(add(type, size), value, size);
    }
    void u8(std::uint16_t type, std::uint8_t value) { put(type, &value, sizeof value); }
    void u16(std::uint16_t type, std::uint16_t value) { number(type, htobe16(value)); }
    void u32(std::uint16_t type, std::uint32_t value) { number(type, htobe32(value)); }
    void u64(std::uint16_t type, std::uint64_t value) { number(type, htobe64(value)); }
    void text(std::uint16_t type, std::string_view value) {
        std::memcpy(add(type, value.size() + 1), value.data(), value.size());
    }
    // An attribute that holds those which `fill` puts.
    template <typename Fill>
    void nest(std::uint16_t type, Fill fill) {
        const std::size_t start = size_;
        extend(NLA_HDRLEN);
        fill();
        write_header(memory_ + start, type | NLA_F_NESTED, size_ - start);
    }

private:
    void swap(Buffer& other) noexcept {
        std::swap(memory_, other.memory_);
        std::swap(size_, other.size_);
        std::swap(capacity_, other.capacity_);
    }
    static constexpr std::size_t aligned(std::size_t size) {
        return (size + NLA_ALIGNTO - 1) & ~std::size_t{NLA_ALIGNTO - 1};
    }
    static void write_header(std::uint8_t* at, unsigned type, std::size_t size) {
        const nlattr header{static_cast<std::uint16_t>(size), static_cast<std::uint16_t>(type)};
        std::memcpy(at, &header, sizeof header);
    }
    // An attribute, whose last word is zero; where its value goes.
    std::uint8_t* add(std::uint16_t type, std::size_t size) {
        std::uint8_t* added = extend(NLA_HDRLEN + aligned(size));
        std::memset(added + aligned(size), 0, NLA_ALIGNTO);
        write_header(added, type, NLA_HDRLEN + size);
        return added + NLA_HDRLEN;
    }
    template <typename Number>
    void number(std::uint16_t type, Number value) {
        put(type, &value, sizeof value);
    }
    void grow(std::size_t count);

    std::uint8_t* memory_ = nullptr;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace fw::nft
