#include <arpa/inet.h>
#include <ifaddrs.h>
#include <netdb.h>
#include <sys/socket.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <memory>

#include "fw/names.h"
#include "names/known_services.h"

namespace fw {
namespace {

// Lines longer than this are not entries of any of the four files that anybody wrote by hand.
constexpr std::size_t largest_entry = 64 * 1024;

// Calls one of libc's get...by..._r functions with a buffer that grows until the entry fits, and
// hands the entry to `use`; nothing if there is none.
template <typename Entry, typename Value, typename Call, typename Use>
std::optional<Value> with_entry(Call call, Use use) {
    std::vector<char> buffer(1024);
    for (;;) {
        Entry entry{};
        Entry* found = nullptr;
        const int status = call(&entry, buffer.data(), buffer.size(), &found);
        if (status == ERANGE && buffer.size() < largest_entry) {
            buffer.resize(buffer.size() * 2);
            continue;
        }
        if (status != 0 || found == nullptr) {
            return std::nullopt;
        }
        return use(*found);
    }
}

std::optional<std::string> name_of(const char* name) {
    if (name == nullptr || *name == '\0') {
        return std::nullopt;
    }
    return std::string(name);
}

class SystemNames final : public Names {
public:
    std::vector<Address> host(const std::string& name) const override;
    std::optional<Address> network(const std::string& name) const override;
    std::optional<std::uint16_t> service(const std::string& name,
                                         std::string_view protocol) const override;
    std::optional<std::uint16_t> protocol(const std::string& name) const override;

    std::optional<std::string> host_name(Address address) const override;
    std::optional<std::string> network_name(Address address) const override;
    std::optional<std::string> service_name(std::uint16_t port,
                                            std::string_view protocol) const override;
    std::optional<std::string> protocol_name(std::uint16_t number) const override;
    std::optional<std::string> interface_with(Address address) const override;
};

std::vector<Address> SystemNames::host(const std::string& name) const {
    addrinfo hints{};
    hints.ai_family = AF_INET;
    hints.ai_socktype = SOCK_STREAM;  // one entry an address, not one for each kind of socket
    addrinfo* found = nullptr;
    if (getaddrinfo(name.c_str(), nullptr, &hints, &found) != 0) {
        return {};
    }
    const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> list(found, freeaddrinfo);
    std::vector<Address> addresses;
    for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
        const auto* socket = reinterpret_cast<const sockaddr_in*>(entry->ai_addr);
        const Address address{ntohl(socket->sin_addr.s_addr)};
        if (std::find(addresses.begin(), addresses.end(), address) == addresses.end()) {
            addresses.push_back(address);
        }
    }
    return addresses;
}

std::optional<Address> SystemNames::network(const std::string& name) const {
    return with_entry<netent, Address>(
        [&](netent* entry, char* buffer, std::size_t size, netent** found) {
            int error = 0;
            return getnetbyname_r(name.c_str(), entry, buffer, size, found, &error);
        },
        [](const netent& entry) { return std::optional(Address{entry.n_net}); });
}

// `protocol` may be null: any.
std::optional<std::uint16_t> listed_service(const char* name, const char* protocol) {
    return with_entry<servent, std::uint16_t>(
        [&](servent* entry, char* buffer, std::size_t size, servent** found) {
            return getservbyname_r(name, protocol, entry, buffer, size, found);
        },
        [](const servent& entry) {
            return std::optional(ntohs(static_cast<std::uint16_t>(entry.s_port)));
        });
}

// A name that the machine lists for the other protocol only is not ours to add to.
std::optional<std::uint16_t> SystemNames::service(const std::string& name,
                                                  std::string_view protocol) const {
    const std::string over(protocol);
    const auto port = listed_service(name.c_str(), over.c_str());
    if (port || listed_service(name.c_str(), nullptr)) {
        return port;
    }
    return known_service(name, protocol);
}

std::optional<std::uint16_t> SystemNames::protocol(const std::string& name) const {
    return with_entry<protoent, std::uint16_t>(
        [&](protoent* entry, char* buffer, std::size_t size, protoent** found) {
            return getprotobyname_r(name.c_str(), entry, buffer, size, found);
        },
        [](const protoent& entry) {
            return std::optional(static_cast<std::uint16_t>(entry.p_proto));
        });
}

std::optional<std::string> SystemNames::host_name(Address address) const {
    sockaddr_in socket{};
    socket.sin_family = AF_INET;
    socket.sin_addr.s_addr = htonl(address.value);
    std::array<char, NI_MAXHOST> name{};
    if (getnameinfo(reinterpret_cast<const sockaddr*>(&socket), sizeof socket, name.data(),
                    name.size(), nullptr, 0, NI_NAMEREQD) != 0) {
        return std::nullopt;
    }
    return name_of(name.data());
}

std::optional<std::string> SystemNames::network_name(Address address) const {
    return with_entry<netent, std::string>(
        [&](netent* entry, char* buffer, std::size_t size, netent** found) {
            int error = 0;
            return getnetbyaddr_r(address.value, AF_INET, entry, buffer, size, found, &error);
        },
        [](const netent& entry) { return name_of(entry.n_name); });
}

std::optional<std::string> SystemNames::service_name(std::uint16_t port,
                                                     std::string_view protocol) const {
    const std::string over(protocol);
    return with_entry<servent, std::string>(
        [&](servent* entry, char* buffer, std::size_t size, servent** found) {
            return getservbyport_r(htons(port), over.c_str(), entry, buffer, size, found);
        },
        [](const servent& entry) { return name_of(entry.s_name); });
}

std::optional<std::string> SystemNames::protocol_name(std::uint16_t number) const {
    return with_entry<protoent, std::string>(
        [&](protoent* entry, char* buffer, std::size_t size, protoent** found) {
            return getprotobynumber_r(number, entry, buffer, size, found);
        },
        [](const protoent& entry) { return name_of(entry.p_name); });
}

std::optional<std::string> SystemNames::interface_with(Address address) const {
    ifaddrs* all = nullptr;
    if (getifaddrs(&all) != 0) {
        return std::nullopt;
    }
    const std::unique_ptr<ifaddrs, decltype(&freeifaddrs)> list(all, freeifaddrs);
    for (const ifaddrs* entry = list.get(); entry != nullptr; entry = entry->ifa_next) {
        const auto* socket = reinterpret_cast<const sockaddr_in*>(entry->ifa_addr);
        if (socket != nullptr && socket->sin_family == AF_INET &&
            ntohl(socket->sin_addr.s_addr) == address.value) {
            const std::string_view label = entry->ifa_name;
            return std::string(label.substr(0, label.find(':')));
        }
    }
    return std::nullopt;
}

}  // namespace

std::unique_ptr<Names> system_names() { return std::make_unique<SystemNames>(); }

}  // namespace fw
