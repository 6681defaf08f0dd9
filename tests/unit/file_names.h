// Names out of given files in the formats of /etc/hosts, networks, services and protocols, so that
// tests do not depend on the machine that they run on.
#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "fw/names.h"

class FileNames final : public fw::Names {
public:
    FileNames(const std::string& hosts, const std::string& networks, const std::string& services,
              const std::string& protocols);

    std::vector<fw::Address> host(const std::string& name) const override;
    std::optional<fw::Address> network(const std::string& name) const override;
    std::optional<std::uint16_t> service(const std::string& name,
                                         std::string_view protocol) const override;
    std::optional<std::uint16_t> protocol(const std::string& name) const override;

    std::optional<std::string> host_name(fw::Address address) const override;
    std::optional<std::string> network_name(fw::Address address) const override;
    std::optional<std::string> service_name(std::uint16_t port,
                                            std::string_view protocol) const override;
    std::optional<std::string> protocol_name(std::uint16_t number) const override;
    std::optional<std::string> interface_with(fw::Address address) const override;

private:
    // Forward and backward. The first entry counts where several say different things; hosts may
    // have several addresses.
    std::multimap<std::string, fw::Address> hosts_;
    std::map<fw::Address, std::string> host_names_;
    std::map<std::string, fw::Address> networks_;
    std::map<fw::Address, std::string> network_names_;
    std::map<std::pair<std::string, std::string>, std::uint16_t> services_;
    std::map<std::pair<std::uint16_t, std::string>, std::string> service_names_;
    std::map<std::string, std::uint16_t> protocols_;
    std::map<std::uint16_t, std::string> protocol_names_;
};

// What the machine knew on which the original's behaviour was recorded: tests/data/etc.
[[nodiscard]] const FileNames& recorded_names();
