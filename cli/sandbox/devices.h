// Network interfaces as programs of the nineties set them: by name, with ioctl (netdevice(7)). All
// addresses are in host byte order. Functions that change something return 0, or errno.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace sandbox {

class Devices {
public:
    Devices();
    ~Devices();
    Devices(const Devices&) = delete;
    Devices& operator=(const Devices&) = delete;

    struct Device {
        std::string name;  // "eth0", or "eth0:1" for a further address
        unsigned flags = 0;
        int mtu = 0;
        int queue = 0;
        unsigned short kind = 0;  // ARPHRD_ETHER, ...
        unsigned char hardware[6] = {};
        std::optional<std::uint32_t> address;
        std::uint32_t mask = 0;
        std::uint32_t broadcast = 0;
        std::uint32_t peer = 0;
    };

    // With names of further addresses; nothing if there is none of this name.
    [[nodiscard]] std::optional<Device> find(const std::string& name) const;
    [[nodiscard]] std::vector<Device> all() const;

    enum class What { address, mask, broadcast, peer };
    [[nodiscard]] int set(const std::string& name, What what, std::uint32_t address) const;
    [[nodiscard]] int set_mtu(const std::string& name, int mtu) const;
    [[nodiscard]] int set_flags(const std::string& name, unsigned on, unsigned off) const;

    struct Route {
        std::uint32_t network = 0;
        std::uint32_t mask = 0;
        std::uint32_t gateway = 0;
        unsigned flags = 0;  // RTF_UP, ...
        int metric = 0;
        std::string device;
    };
    [[nodiscard]] static std::vector<Route> routes();
    [[nodiscard]] int change(const Route& route, bool remove) const;

private:
    int socket_;
};

}  // namespace sandbox
