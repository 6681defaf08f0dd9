#include "route.h"

#include <net/route.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <optional>

#include "sandbox/address_text.h"
#include "sandbox/devices.h"
#include "words.h"

namespace recorder {

namespace {

using sandbox::address_text;
using sandbox::Devices;
using Route = Devices::Route;

int complain(const std::string& word, const char* problem) {
    std::fprintf(stderr, "route: %s: %s\n", word.c_str(), problem);
    return 1;
}

int show(bool numbers) {
    std::printf(
        "Kernel IP routing table\n"
        "Destination     Gateway         Genmask         Flags Metric Ref    Use Iface\n");
    for (const Route& route : Devices::routes()) {
        std::string flags = "U";
        flags += (route.flags & RTF_GATEWAY) != 0 ? "G" : "";
        flags += (route.flags & RTF_HOST) != 0 ? "H" : "";
        const bool is_default = route.network == 0 && route.mask == 0;
        const std::string network =
            is_default && !numbers ? "default" : address_text(route.network);
        const std::string gateway =
            route.gateway == 0 && !numbers ? "*" : address_text(route.gateway);
        std::printf("%-15s %-15s %-15s %-5s %-6d %-2d %7d %s\n", network.c_str(), gateway.c_str(),
                    address_text(route.mask).c_str(), flags.c_str(), route.metric, 0, 0,
                    route.device.c_str());
    }
    return 0;
}

// The words behind `add` or `del`.
class Reader {
public:
    explicit Reader(const Words& words) : words_(words) {}

    std::optional<Route> read() {
        for (std::size_t i = 1; i < words_.size() && good_; ++i) {
            const std::string& word = words_[i];
            const bool has_next = i + 1 < words_.size();
            if (word == "-net" || word == "-host") {
                host_ = word == "-host";
            } else if (takes_next(word) && has_next) {
                take(word, words_[++i]);
            } else if (!target_) {
                target(word);
            } else if (word != "reject" && word != "mod" && word != "dyn" && word != "reinstate") {
                route_.device = word;
            }
        }
        return good_ && target_ ? std::optional(finished()) : std::nullopt;
    }

private:
    static bool takes_next(const std::string& word) {
        for (const char* one : {"gw", "netmask", "dev", "metric", "mss", "window", "irtt"}) {
            if (word == one) {
                return true;
            }
        }
        return false;
    }

    std::uint32_t address(const std::string& word) {
        const auto value = read_address(word);
        if (!value) {
            (void)complain(word, "nobody in the sandbox knows this name; --hosts FILE tells it");
            good_ = false;
        }
        return value.value_or(0);
    }

    void target(const std::string& word) {
        target_ = true;
        const std::size_t slash = word.find('/');
        route_.network = address(word.substr(0, slash));
        if (slash != word.npos) {
            const int bits = std::atoi(word.c_str() + slash + 1);
            mask_ = sandbox::mask_of(bits < 0 || bits > 32 ? 32U : static_cast<unsigned>(bits));
        }
    }

    void take(const std::string& word, const std::string& value) {
        if (word == "gw") {
            route_.gateway = address(value);
            route_.flags |= RTF_GATEWAY;
        } else if (word == "netmask") {
            mask_ = address(value);
        } else if (word == "dev") {
            route_.device = value;
        } else if (word == "metric") {
            route_.metric = std::atoi(value.c_str());
        }
    }

    Route finished() {
        route_.flags |= RTF_UP;
        const std::uint32_t of_class = mask_of_class(route_.network);
        const bool host = host_.value_or(!mask_ && (route_.network & ~of_class) != 0);
        route_.flags |= host ? RTF_HOST : 0;
        route_.mask = host ? ~std::uint32_t{0} : mask_.value_or(of_class);
        route_.device = route_.device.substr(0, route_.device.find(':'));
        return route_;
    }

    const Words& words_;
    Route route_;
    std::optional<bool> host_;
    std::optional<std::uint32_t> mask_;
    bool target_ = false;
    bool good_ = true;
};

}  // namespace

int route(const Words& given) {
    Words words;
    bool numbers = false;
    for (const std::string& word : given) {
        const bool option = words.empty() && word.starts_with('-');
        numbers = numbers || (option && word.find('n') != word.npos);
        if (!option) {
            words.push_back(word);
        }
    }
    if (words.empty()) {
        return show(numbers);
    }
    const bool remove = words[0] == "del" || words[0] == "delete";
    if (!remove && words[0] != "add") {
        return words[0] == "flush" ? 0 : complain(words[0], "should be add or del");
    }
    const std::optional<Route> wanted = Reader(words).read();
    if (!wanted) {
        return complain(words[0], "this is not a route that is understood");
    }
    const int error = Devices().change(*wanted, remove);
    return error == 0 ? 0 : complain(words.back(), std::strerror(error));
}

}  // namespace recorder
