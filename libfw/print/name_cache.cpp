#include "print/name_cache.h"

#include "print/text.h"

namespace fw::print {

const std::string& NameCache::protocol(std::uint16_t number) {
    const auto [entry, missing] = protocols_.try_emplace(number);
    if (missing) {
        entry->second = names_.protocol_name(number).value_or("");
    }
    return entry->second;
}

const std::string& NameCache::place(Address address) {
    const auto [entry, missing] = places_.try_emplace(address.value);
    if (missing) {
        auto name = names_.host_name(address);
        entry->second = name ? *name : names_.network_name(address).value_or("");
    }
    return entry->second;
}

const std::string& NameCache::service(std::uint16_t port, std::uint16_t protocol) {
    const std::uint32_t key = std::uint32_t{protocol} << 16 | port;
    const auto [entry, missing] = services_.try_emplace(key);
    if (missing && (protocol == protocol_tcp || protocol == protocol_udp)) {
        entry->second = names_.service_name(port, common_protocol(protocol)).value_or("");
    }
    return entry->second;
}

}  // namespace fw::print
