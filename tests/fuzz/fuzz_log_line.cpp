// Any bytes at all as a packet, with any prefix, as the kernel might hand them over: a line comes
// of it, with nothing in it that came from elsewhere. The first byte says how long the prefix is.
// Build with -DFW_FUZZERS=ON and clang.
#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "few_names.h"
#include "fw/packet_log.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::size_t prefix = size == 0 ? 0 : std::min<std::size_t>(data[0] & 127U, size - 1);
    fw::LoggedPacket packet;
    if (size != 0) {
        packet.prefix.assign(reinterpret_cast<const char*>(data) + 1, prefix);
        packet.bytes.assign(data + 1 + prefix, data + size);
    }
    packet.in = "eth0";
    const std::string line = fw::print_log_line(packet);
    require(line.starts_with("Packet log: ") || line.starts_with(packet.prefix));
    require(line.find("eth0") != std::string::npos);
    // Names of chains can be escaped, so that they hold what the prefix did not.
    const bool escaped = packet.prefix.find("chain.") != std::string::npos;
    const auto odd = [](char c) { return c < 0x20 || c > 0x7e; };
    require(escaped || std::none_of(packet.prefix.begin(), packet.prefix.end(), odd) ==
                           std::none_of(line.begin(), line.end(), odd));
    return 0;
}
