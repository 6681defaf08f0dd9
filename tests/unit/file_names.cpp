#include "file_names.h"

#include <arpa/inet.h>

#include <algorithm>
#include <fstream>
#include <functional>
#include <sstream>
#include <stdexcept>

namespace {

using Fields = std::vector<std::string>;

// Calls `use` with the fields of each line that has at least two.
void each_line(const std::string& path, const std::function<void(const Fields&)>& use) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot open " + path);
    }
    for (std::string line; std::getline(file, line);) {
        std::istringstream words(line.substr(0, line.find('#')));
        Fields fields;
        for (std::string word; words >> word;) {
            fields.push_back(word);
        }
        if (fields.size() >= 2) {
            use(fields);
        }
    }
}

fw::Address address(const std::string& text) {
    in_addr parsed{};
    if (inet_pton(AF_INET, text.c_str(), &parsed) != 1) {
        throw std::runtime_error("not an address: " + text);
    }
    return {ntohl(parsed.s_addr)};
}

std::string lower(std::string text) {
    std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
        return static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
    });
    return text;
}

template <typename Map, typename Key>
auto find(const Map& map, const Key& key) -> std::optional<typename Map::mapped_type> {
    const auto found = map.find(key);
    return found == map.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace

FileNames::FileNames(const std::string& hosts, const std::string& networks,
                     const std::string& services, const std::string& protocols) {
    each_line(hosts, [&](const Fields& fields) {
        host_names_.emplace(address(fields[0]), fields[1]);
        for (std::size_t i = 1; i < fields.size(); ++i) {
            hosts_.emplace(lower(fields[i]), address(fields[0]));
        }
    });
    each_line(networks, [&](const Fields& fields) {
        networks_.emplace(lower(fields[0]), address(fields[1]));
        network_names_.emplace(address(fields[1]), fields[0]);
    });
    each_line(services, [&](const Fields& fields) {
        const std::size_t slash = fields[1].find('/');
        const auto port = static_cast<std::uint16_t>(std::stoi(fields[1].substr(0, slash)));
        const std::string protocol = fields[1].substr(slash + 1);
        service_names_.emplace(std::pair(port, protocol), fields[0]);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i != 1) {
                services_.emplace(std::pair(fields[i], protocol), port);
            }
        }
    });
    each_line(protocols, [&](const Fields& fields) {
        const auto number = static_cast<std::uint16_t>(std::stoi(fields[1]));
        protocol_names_.emplace(number, fields[0]);
        for (std::size_t i = 0; i < fields.size(); ++i) {
            if (i != 1) {
                protocols_.emplace(fields[i], number);
            }
        }
    });
}

std::vector<fw::Address> FileNames::host(const std::string& name) const {
    std::vector<fw::Address> addresses;
    const auto [begin, end] = hosts_.equal_range(lower(name));
    std::transform(begin, end, std::back_inserter(addresses),
                   [](const auto& entry) { return entry.second; });
    return addresses;
}

std::optional<fw::Address> FileNames::network(const std::string& name) const {
    return find(networks_, lower(name));
}

std::optional<std::uint16_t> FileNames::service(const std::string& name,
                                                std::string_view protocol) const {
    return find(services_, std::pair(name, std::string(protocol)));
}

std::optional<std::uint16_t> FileNames::protocol(const std::string& name) const {
    return find(protocols_, name);
}

std::optional<std::string> FileNames::host_name(fw::Address address) const {
    return find(host_names_, address);
}

std::optional<std::string> FileNames::network_name(fw::Address address) const {
    return find(network_names_, address);
}

std::optional<std::string> FileNames::service_name(std::uint16_t port,
                                                   std::string_view protocol) const {
    return find(service_names_, std::pair(port, std::string(protocol)));
}

std::optional<std::string> FileNames::protocol_name(std::uint16_t number) const {
    return find(protocol_names_, number);
}

std::optional<std::string> FileNames::interface_with(fw::Address address) const {
    static constexpr std::pair<std::uint32_t, const char*> addresses[] = {{0x0a0000fe, "eth0"},
                                                                          {0xc0a801fe, "eth1"},
                                                                          {0x7f000001, "lo"},
                                                                          {0x01020304, "ppp0"}};
    for (const auto& [value, name] : addresses) {
        if (value == address.value) {
            return name;
        }
    }
    return std::nullopt;
}

const FileNames& recorded_names() {
    static const FileNames names(FW_TEST_DATA "/etc/hosts", FW_TEST_DATA "/etc/networks",
                                 FW_TEST_DATA "/etc/services", FW_TEST_DATA "/etc/protocols");
    return names;
}
