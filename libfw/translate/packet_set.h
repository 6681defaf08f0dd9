// The packets that meet a rule of the model, as a set that can be held against another: as
// Linux 2.2 compared them, fragments (of which ports and flags are not seen) apart from whole
// packets. Interfaces have names of 1 to 15 bytes, protocols numbers up to 255, ICMP types and
// codes too.
#pragma once

#include <bitset>
#include <compare>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "fw/rule.h"

namespace fw::translate {

class PacketSet {
public:
    explicit PacketSet(const Rule& rule);

    // Each is true only if it is certain.
    [[nodiscard]] bool empty() const;
    [[nodiscard]] bool all() const;                               // every packet
    [[nodiscard]] bool covers(const PacketSet& other) const;      // all that are in the other
    [[nodiscard]] bool apart_from(const PacketSet& other) const;  // nothing that is in the other

    // Where the packets come from: address and mask. Nothing if it is told by what they are not.
    struct From {
        std::uint32_t address;
        std::uint32_t mask;
        auto operator<=>(const From&) const = default;
    };
    [[nodiscard]] std::optional<From> from() const;
    [[nodiscard]] std::optional<From> to() const;  // likewise where they go
    // If the whole packets have one destination port (type, ...) only.
    [[nodiscard]] std::optional<std::uint16_t> only_port() const;

private:
    struct Addresses {
        std::uint32_t address;
        std::uint32_t mask;
        bool inverted;
        [[nodiscard]] bool any() const { return mask == 0; }
        [[nodiscard]] bool has(const Addresses& other) const;
        [[nodiscard]] bool misses(const Addresses& other) const;
    };
    struct Interfaces {
        std::string name;
        bool prefix;
        bool inverted;
        bool none;
        [[nodiscard]] bool any() const { return prefix && name.empty(); }
        [[nodiscard]] bool has(const Interfaces& other) const;
        [[nodiscard]] bool misses(const Interfaces& other) const;
    };
    using Protocols = std::bitset<256>;
    using Ports = std::vector<PortRange>;  // in order, apart

    static constexpr std::uint16_t last_of_none = 65535;

    void set_interfaces(const InterfaceMatch& match);
    void set_protocols(const Rule& rule);
    void set_ports(const Rule& rule);

    bool known_ = true;  // false: of a kind that is not compared here
    Addresses source_;
    Addresses destination_;
    PortRange source_span_{last_of_none, 0};       // from the first of the ports below to the last,
    PortRange destination_span_{last_of_none, 0};  // to see at once what can't be covered
    Interfaces interfaces_;
    Protocols fragments_;  // protocols of which fragments meet the rule
    Protocols whole_;      // of which whole packets do
    std::uint8_t tcp_states_ =
        7;                // whole TCP: 1 opens a connection, 2 has ACK or RST, 4 is neither
    Ports source_ports_;  // of whole packets
    Ports destination_ports_;
};

}  // namespace fw::translate
