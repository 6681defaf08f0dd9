// A network of its own to send packets through: a network namespace whose interfaces are TUN
// devices. What is written to one arrives there; what leaves by it can be read.
//
//     Network network;
//     if (auto problem = network.enter()) ...   // the process is in the new namespace from now on
//     network.interface("eth0");                // makes it
//     network.arrive("eth0", bytes);            // has been through all chains when this returns
//
// Forwarding is on and so are the kinds of packets that routers refuse by default (from or to
// 127.0.0.0/8 on a wire); source addresses are not checked and ICMP answers not limited. No
// interface but lo has an address, unless it is given one.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "packet_bytes.h"

namespace packets {

// A file descriptor that is closed with its owner.
class Descriptor {
public:
    explicit Descriptor(int number = -1) : number_(number) {}
    Descriptor(Descriptor&& other) noexcept : number_(other.number_) { other.number_ = -1; }
    Descriptor& operator=(Descriptor&& other) noexcept;
    ~Descriptor();
    [[nodiscard]] int get() const { return number_; }

private:
    int number_;
};

// What stood in the way, if anything did.
using Problem = std::optional<std::string>;

class Network {
public:
    [[nodiscard]] Problem enter();

    // Makes the interface, if it is not there yet.
    [[nodiscard]] Problem interface(const std::string& name);

    // Its address from now on, one of 203.0.113.0/24 (RFC 5737): what is masqueraded gets it.
    [[nodiscard]] Problem give_address(const std::string& name);
    [[nodiscard]] fw::Address own_address(const std::string& name) const;

    // The next packet begins a new connection, whatever came before it.
    [[nodiscard]] Problem forget_connections();

    // The way to everywhere is through this interface.
    [[nodiscard]] Problem route_through(const std::string& name);

    [[nodiscard]] Problem arrive(const std::string& name, const Bytes& bytes);

    // Sends a packet as a local process does, header and all, out of the interface.
    [[nodiscard]] Problem send(const std::string& name, const Bytes& bytes, std::uint32_t mark);

    // The next packet that left by the interface, put together from its fragments; waits a moment
    // for it if asked to.
    [[nodiscard]] std::optional<Bytes> left_by(const std::string& name, bool wait);

    // An interface by which something left that was not read; forgets all of it.
    [[nodiscard]] std::optional<std::string> unread();

    [[nodiscard]] std::string name_of(std::uint32_t index) const;

private:
    [[nodiscard]] std::optional<Bytes> piece_left_by(const std::string& name, bool wait);

    Descriptor control_;
    Descriptor raw_;
    std::map<std::string, Descriptor> tuns_;
    std::map<std::uint32_t, std::string> names_;
    std::map<std::string, fw::Address> addresses_;
    Descriptor connections_;  // speaks to ctnetlink
    std::string route_;
};

}  // namespace packets
