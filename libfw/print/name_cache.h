// Names of numbers, each looked up once a listing: a name service may be slow, and the rules of a
// firewall repeat themselves. "" where there is no name.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>

#include "fw/names.h"
#include "fw/rule.h"

namespace fw::print {

class NameCache {
public:
    explicit NameCache(const Names& names) : names_(names) {}

    [[nodiscard]] const std::string& protocol(std::uint16_t number);
    // A host's name, else a network's.
    [[nodiscard]] const std::string& place(Address address);
    // `protocol` is the number of TCP or UDP; other protocols have no services.
    [[nodiscard]] const std::string& service(std::uint16_t port, std::uint16_t protocol);

private:
    const Names& names_;
    std::unordered_map<std::uint16_t, std::string> protocols_;
    std::unordered_map<std::uint32_t, std::string> places_;
    std::unordered_map<std::uint32_t, std::string> services_;
};

}  // namespace fw::print
