#include "devices.h"

#include <arpa/inet.h>
#include <linux/sockios.h>
#include <net/if.h>
#include <net/if_arp.h>
#include <net/route.h>
#include <netinet/in.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

namespace sandbox {

namespace {

ifreq request_for(const std::string& name) {
    ifreq request{};
    std::snprintf(request.ifr_name, sizeof request.ifr_name, "%s", name.c_str());
    return request;
}

sockaddr to_socket(std::uint32_t address) {
    sockaddr_in in{};
    in.sin_family = AF_INET;
    in.sin_addr.s_addr = htonl(address);
    sockaddr out{};
    static_assert(sizeof in == sizeof out);
    std::memcpy(&out, &in, sizeof out);
    return out;
}

std::uint32_t from_socket(const sockaddr& address) {
    sockaddr_in in{};
    std::memcpy(&in, &address, sizeof in);
    return ntohl(in.sin_addr.s_addr);
}

int outcome(int status) { return status == 0 ? 0 : errno; }

}  // namespace

Devices::Devices() : socket_(socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0)) {}

Devices::~Devices() { close(socket_); }

std::optional<Devices::Device> Devices::find(const std::string& name) const {
    ifreq request = request_for(name);
    if (ioctl(socket_, SIOCGIFFLAGS, &request) != 0) {
        return std::nullopt;
    }
    Device device;
    device.name = name;
    device.flags = static_cast<unsigned short>(request.ifr_flags);
    if (ioctl(socket_, SIOCGIFMTU, &request) == 0) {
        device.mtu = request.ifr_mtu;
    }
    if (ioctl(socket_, SIOCGIFTXQLEN, &request) == 0) {
        device.queue = request.ifr_qlen;
    }
    if (ioctl(socket_, SIOCGIFHWADDR, &request) == 0) {
        device.kind = request.ifr_hwaddr.sa_family;
        std::memcpy(device.hardware, request.ifr_hwaddr.sa_data, sizeof device.hardware);
    }
    if (ioctl(socket_, SIOCGIFADDR, &request) == 0) {
        device.address = from_socket(request.ifr_addr);
    }
    if (!device.address && name.find(':') != name.npos) {
        return std::nullopt;  // the kernel told about the interface, not about this address of it
    }
    if (device.address && ioctl(socket_, SIOCGIFNETMASK, &request) == 0) {
        device.mask = from_socket(request.ifr_netmask);
    }
    if (device.address && ioctl(socket_, SIOCGIFBRDADDR, &request) == 0) {
        device.broadcast = from_socket(request.ifr_broadaddr);
    }
    if (device.address && ioctl(socket_, SIOCGIFDSTADDR, &request) == 0) {
        device.peer = from_socket(request.ifr_dstaddr);
    }
    return device;
}

std::vector<Devices::Device> Devices::all() const {
    std::vector<std::string> names;
    struct if_nameindex* const index = if_nameindex();
    for (auto* entry = index; entry != nullptr && entry->if_index != 0; ++entry) {
        names.emplace_back(entry->if_name);
    }
    if (index != nullptr) {
        if_freenameindex(index);
    }
    ifreq buffer[64];
    ifconf list{};
    list.ifc_len = sizeof buffer;
    list.ifc_req = buffer;
    if (ioctl(socket_, SIOCGIFCONF, &list) == 0) {  // those with addresses, further ones too
        for (std::size_t i = 0; i < static_cast<std::size_t>(list.ifc_len) / sizeof *buffer; ++i) {
            names.emplace_back(buffer[i].ifr_name);
        }
    }
    std::sort(names.begin(), names.end());
    names.erase(std::unique(names.begin(), names.end()), names.end());
    std::vector<Device> devices;
    for (const std::string& name : names) {
        if (const auto device = find(name)) {
            devices.push_back(*device);
        }
    }
    return devices;
}

int Devices::set(const std::string& name, What what, std::uint32_t address) const {
    ifreq request = request_for(name);
    request.ifr_addr = to_socket(address);
    const unsigned long calls[] = {SIOCSIFADDR, SIOCSIFNETMASK, SIOCSIFBRDADDR, SIOCSIFDSTADDR};
    return outcome(ioctl(socket_, calls[static_cast<std::size_t>(what)], &request));
}

int Devices::set_mtu(const std::string& name, int mtu) const {
    ifreq request = request_for(name);
    request.ifr_mtu = mtu;
    return outcome(ioctl(socket_, SIOCSIFMTU, &request));
}

int Devices::set_flags(const std::string& name, unsigned on, unsigned off) const {
    ifreq request = request_for(name);
    if (ioctl(socket_, SIOCGIFFLAGS, &request) != 0) {
        return errno;
    }
    const auto flags = static_cast<unsigned short>(request.ifr_flags);
    request.ifr_flags = static_cast<short>((flags | on) & ~off);
    return outcome(ioctl(socket_, SIOCSIFFLAGS, &request));
}

// /proc/net/route: addresses are in hexadecimal, as they lie in memory.
std::vector<Devices::Route> Devices::routes() {
    std::vector<Route> found;
    std::FILE* file = std::fopen("/proc/self/net/route", "re");
    char line[256];
    while (file != nullptr && std::fgets(line, sizeof line, file) != nullptr) {
        char name[32];
        unsigned network = 0;
        unsigned gateway = 0;
        unsigned flags = 0;
        unsigned mask = 0;
        int metric = 0;
        if (std::sscanf(line, "%31s %x %x %x %*d %*d %d %x", name, &network, &gateway, &flags,
                        &metric, &mask) == 6) {
            found.push_back({ntohl(network), ntohl(mask), ntohl(gateway), flags, metric, name});
        }
    }
    if (file != nullptr) {
        std::fclose(file);
    }
    return found;
}

int Devices::change(const Route& route, bool remove) const {
    std::string device = route.device;
    rtentry entry{};
    entry.rt_dst = to_socket(route.network);
    entry.rt_genmask = to_socket(route.mask);
    entry.rt_gateway = to_socket(route.gateway);
    entry.rt_flags = static_cast<unsigned short>(route.flags);
    entry.rt_metric = static_cast<short>(route.metric == 0 ? 0 : route.metric + 1);
    entry.rt_dev = device.empty() ? nullptr : device.data();
    return outcome(ioctl(socket_, remove ? SIOCDELRT : SIOCADDRT, &entry));
}

}  // namespace sandbox
