// What the fuzzers of command lines share: words out of bytes, a few names, and a way to fail.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "fw/names.h"

class FewNames final : public fw::Names {
public:
    std::vector<fw::Address> host(const std::string& name) const override {
        if (name == "two") {
            return {{0x0a000001}, {0x0a000002}};
        }
        return name == "one" ? std::vector<fw::Address>{{0x0a000001}} : std::vector<fw::Address>();
    }
    std::optional<fw::Address> network(const std::string& name) const override {
        return name == "net" ? std::optional(fw::Address{0x0a000000}) : std::nullopt;
    }
    std::optional<std::uint16_t> service(const std::string& name,
                                         std::string_view protocol) const override {
        return name == "www" && protocol == "tcp" ? std::optional<std::uint16_t>(80) : std::nullopt;
    }
    std::optional<std::uint16_t> protocol(const std::string& name) const override {
        return name == "gre" ? std::optional<std::uint16_t>(47) : std::nullopt;
    }
    std::optional<std::string> host_name(fw::Address) const override { return std::nullopt; }
    std::optional<std::string> network_name(fw::Address) const override { return std::nullopt; }
    std::optional<std::string> service_name(std::uint16_t, std::string_view) const override {
        return std::nullopt;
    }
    std::optional<std::string> protocol_name(std::uint16_t) const override { return std::nullopt; }
    std::optional<std::string> interface_with(fw::Address address) const override {
        return address.value == 0x0a0000fe ? std::optional<std::string>("eth0") : std::nullopt;
    }
};

// Words are separated by zero bytes.
inline std::vector<std::string> split(const std::uint8_t* data, std::size_t size) {
    std::vector<std::string> words(1);
    for (std::size_t i = 0; i < size; ++i) {
        if (data[i] == 0) {
            words.emplace_back();
        } else {
            words.back() += static_cast<char>(data[i]);
        }
    }
    return words;
}

inline void require(bool holds) {
    if (!holds) {
        std::abort();
    }
}
