#include "interface.h"

#include <net/if.h>
#include <net/if_arp.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <utility>

#include "sandbox/address_text.h"
#include "sandbox/devices.h"
#include "words.h"

namespace recorder {

namespace {

using sandbox::address_text;
using sandbox::Devices;
using Device = Devices::Device;
using What = Devices::What;

int complain(const std::string& word, const char* problem) {
    std::fprintf(stderr, "ifconfig: %s: %s\n", word.c_str(), problem);
    return 1;
}

int no_interface(const std::string& name) {
    return complain(name,
                    "there is no such interface in the sandbox; describe it to fw-translate: "
                    "--with NAME=ADDRESS/BITS");
}

bool is_line(const Device& device) {
    return device.name.starts_with("ppp") || device.name.starts_with("sl") ||
           device.name.starts_with("ippp");
}

std::string link_text(const Device& device) {
    if ((device.flags & IFF_LOOPBACK) != 0) {
        return "Local Loopback  ";
    }
    if (is_line(device)) {
        return device.name.starts_with("sl") ? "Serial Line IP  " : "Point-to-Point Protocol  ";
    }
    char text[64];
    const unsigned char* hw = device.hardware;
    std::snprintf(text, sizeof text, "Ethernet  HWaddr %02X:%02X:%02X:%02X:%02X:%02X  ", hw[0],
                  hw[1], hw[2], hw[3], hw[4], hw[5]);
    return text;
}

std::string address_line(const Device& device) {
    std::string text = "          inet addr:" + address_text(*device.address) + "  ";
    if (is_line(device)) {
        text += "P-t-P:" + address_text(device.peer) + "  ";
    } else if ((device.flags & IFF_LOOPBACK) == 0) {
        text += "Bcast:" + address_text(device.broadcast) + "  ";
    }
    return text + "Mask:" + address_text(device.mask) + "\n";
}

std::string flags_line(const Device& device) {
    constexpr std::pair<unsigned, const char*> names[] = {{IFF_UP, "UP "},
                                                          {IFF_BROADCAST, "BROADCAST "},
                                                          {IFF_LOOPBACK, "LOOPBACK "},
                                                          {IFF_POINTOPOINT, "POINTOPOINT "},
                                                          {IFF_RUNNING, "RUNNING "},
                                                          {IFF_NOARP, "NOARP "},
                                                          {IFF_PROMISC, "PROMISC "},
                                                          {IFF_ALLMULTI, "ALLMULTI "},
                                                          {IFF_MULTICAST, "MULTICAST "}};
    unsigned flags = device.flags;
    if (is_line(device)) {
        flags = (flags & ~static_cast<unsigned>(IFF_BROADCAST)) | IFF_POINTOPOINT | IFF_NOARP;
    }
    std::string text = "          ";
    for (const auto& [flag, name] : names) {
        text += (flags & flag) != 0 ? name : "";
    }
    return text + " MTU:" + std::to_string(device.mtu) + "  Metric:1\n";
}

void show(const Device& device) {
    std::string text = device.name;
    text.resize(std::max<std::size_t>(text.size(), 9), ' ');
    text += " Link encap:" + link_text(device) + "\n";
    text += device.address ? address_line(device) : "";
    text += flags_line(device);
    if (device.name.find(':') == device.name.npos) {
        text +=
            "          RX packets:0 errors:0 dropped:0 overruns:0 frame:0\n"
            "          TX packets:0 errors:0 dropped:0 overruns:0 carrier:0\n"
            "          collisions:0 txqueuelen:" +
            std::to_string(device.queue) + " \n";
    }
    std::printf("%s\n", text.c_str());
}

// What is behind an interface's name on the command line.
class Setter {
public:
    Setter(const Devices& devices, const Words& words) : devices_(devices), words_(words) {}

    int run() {
        for (index_ = 1; index_ < words_.size() && status_ == 0; ++index_) {
            take(words_[index_]);
        }
        return status_;
    }

private:
    const std::string& name() const { return words_[0]; }

    void take(const std::string& word) {
        const bool off = word.size() > 1 && word[0] == '-';
        const std::string plain = off ? word.substr(1) : word;
        if (word == "up") {
            flags(IFF_UP | IFF_RUNNING, 0);
        } else if (word == "down") {
            flags(0, IFF_UP);
        } else if (plain == "promisc") {
            flags(off ? 0 : IFF_PROMISC, off ? IFF_PROMISC : 0);
        } else if (plain == "allmulti") {
            flags(off ? 0 : IFF_ALLMULTI, off ? IFF_ALLMULTI : 0);
        } else if (word == "netmask") {
            set(What::mask, true);
        } else if (plain == "broadcast") {
            set(What::broadcast, !off);
        } else if (plain == "pointopoint" || word == "dstaddr") {
            set(What::peer, !off);
        } else if (word == "mtu") {
            done(devices_.set_mtu(name(), std::atoi(next().c_str())), word);
        } else if (word == "hw") {
            index_ += 2;  // a kind, and an address that is of no use here
        } else if (word == "metric" || word == "irq" || word == "io_addr" || word == "mem_start" ||
                   word == "media" || word == "txqueuelen" || word == "tunnel") {
            (void)next();
        } else if (plain != "arp" && plain != "trailers" && plain != "multicast" &&
                   plain != "dynamic" && word != "inet") {
            --index_;
            set(What::address, true);
            if (name().find(':') == std::string::npos) {
                flags(IFF_UP | IFF_RUNNING, 0);
            }
        }
    }

    std::string next() { return index_ + 1 < words_.size() ? words_[++index_] : std::string(); }

    // The next word, if `wanted` or if it is one, is an address.
    void set(What what, bool wanted) {
        if (!wanted) {
            return;
        }
        const std::string word = next();
        const auto address = read_address(word);
        if (!address) {
            status_ =
                complain(word, "nobody in the sandbox knows this name; --hosts FILE tells it");
            return;
        }
        done(devices_.set(name(), what, *address), word);
    }

    void flags(unsigned on, unsigned off) { done(devices_.set_flags(name(), on, off), name()); }

    void done(int error, const std::string& word) {
        if (error != 0) {
            status_ = complain(word, std::strerror(error));
        }
    }

    const Devices& devices_;
    const Words& words_;
    std::size_t index_ = 0;
    int status_ = 0;
};

int show_all(const Devices& devices, bool down_too) {
    for (const Device& device : devices.all()) {
        if (down_too || (device.flags & IFF_UP) != 0) {
            show(device);
        }
    }
    return 0;
}

}  // namespace

int ifconfig(const Words& given) {
    Words words = given;
    bool all = false;
    while (!words.empty() && words[0].starts_with('-')) {
        all = all || words[0] == "-a";
        words.erase(words.begin());
    }
    const Devices devices;
    if (words.empty()) {
        return show_all(devices, all);
    }
    // A further address, eth0:1, comes to be when it is set.
    if (!devices.find(words[0].substr(0, words[0].find(':')))) {
        return no_interface(words[0]);
    }
    if (words.size() > 1) {
        return Setter(devices, words).run();
    }
    const auto device = devices.find(words[0]);
    if (!device) {
        return no_interface(words[0]);
    }
    show(*device);
    return 0;
}

}  // namespace recorder
