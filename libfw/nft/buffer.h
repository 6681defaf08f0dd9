// A netlink message under construction: bytes that grow in place, and attributes as nf_tables wants
// them (Linux 6.18, include/uapi/linux/netlink.h): numbers in network byte order, text with its
// NUL, each attribute filled up with zeros to a multiple of four bytes.
#pragma once

#include <endian.h>
#include <linux/netlink.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>
#include <string_view>

namespace fw::nft {

class Buffer {
public:
    [[nodiscard]] std::uint8_t* data() { return memory_.get(); }
    [[nodiscard]] const std::uint8_t* data() const { return memory_.get(); }
    [[nodiscard]] std::size_t size() const { return size_; }

    // So many bytes more, which have no value yet. Pointers to what is there become invalid.
    std::uint8_t* extend(std::size_t count) {
        if (count > capacity_ - size_) {
            grow(count);
        }
        std::uint8_t* added = memory_.get() + size_;
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
        write_header(memory_.get() + start, type | NLA_F_NESTED, size_ - start);
    }

private:
    struct Free {
        void operator()(std::uint8_t* memory) const { std::free(memory); }
    };

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
    // realloc moves the pages of a large block, not its bytes; and those that were never written to
    // take no memory.
    void grow(std::size_t count) {
        constexpr std::size_t least = 1 << 14;
        const std::size_t wanted = 2 * capacity_ + count + least;
        auto* moved = static_cast<std::uint8_t*>(std::realloc(memory_.get(), wanted));
        if (moved == nullptr) {
            throw std::bad_alloc();
        }
        (void)memory_.release();
        memory_.reset(moved);
        capacity_ = wanted;
    }

    std::unique_ptr<std::uint8_t, Free> memory_;
    std::size_t size_ = 0;
    std::size_t capacity_ = 0;
};

}  // namespace fw::nft
