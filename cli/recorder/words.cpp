#include "words.h"

#include <arpa/inet.h>
#include <netdb.h>

namespace recorder {

std::optional<std::uint32_t> read_address(const std::string& word) {
    in_addr address{};
    if (inet_pton(AF_INET, word.c_str(), &address) == 1) {
        return ntohl(address.s_addr);
    }
    if (word == "default") {
        return 0;
    }
    if (const netent* network = getnetbyname(word.c_str())) {
        std::uint32_t value = network->n_net;
        while (value != 0 && (value & 0xff000000) == 0) {
            value <<= 8;
        }
        return value;
    }
    const hostent* host = gethostbyname(word.c_str());
    if (host != nullptr && host->h_addrtype == AF_INET && host->h_addr_list[0] != nullptr) {
        return ntohl(reinterpret_cast<const in_addr*>(host->h_addr_list[0])->s_addr);
    }
    return std::nullopt;
}

std::uint32_t mask_of_class(std::uint32_t address) {
    if (address < 0x80000000) {
        return address == 0 ? 0 : 0xff000000;
    }
    return address < 0xc0000000 ? 0xffff0000 : 0xffffff00;
}

}  // namespace recorder
