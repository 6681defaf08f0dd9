// Names of hosts, networks, services, protocols and interfaces: the one door to the machine's
// databases. The
// stages that parse and print get one handed in, so that tests and fuzzers can bring their own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "fw/rule.h"

namespace [[gnu::visibility("default")]] fw {

class Names {
public:
    virtual ~Names() = default;

    // Forward: nothing found is an empty answer, never an error.
    [[nodiscard]] virtual std::vector<Address> host(const std::string& name) const = 0;
    [[nodiscard]] virtual std::optional<Address> network(const std::string& name) const = 0;
    // `protocol` is "tcp" or "udp".
    [[nodiscard]] virtual std::optional<std::uint16_t> service(const std::string& name,
                                                               std::string_view protocol) const = 0;
    [[nodiscard]] virtual std::optional<std::uint16_t> protocol(const std::string& name) const = 0;

    // Backward.
    [[nodiscard]] virtual std::optional<std::string> host_name(Address address) const = 0;
    [[nodiscard]] virtual std::optional<std::string> network_name(Address address) const = 0;
    [[nodiscard]] virtual std::optional<std::string> service_name(
        std::uint16_t port, std::string_view protocol) const = 0;
    [[nodiscard]] virtual std::optional<std::string> protocol_name(std::uint16_t number) const = 0;

    // The interface that has the address now: "eth0", also where the address has a label of its own
    // (eth0:1).
    [[nodiscard]] virtual std::optional<std::string> interface_with(Address address) const = 0;
};

// The machine's own: /etc/hosts, networks, services, protocols and the name service, through libc.
[[nodiscard]] std::unique_ptr<Names> system_names();

}  // namespace fw
