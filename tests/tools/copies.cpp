// Prints the packets that rules with -o copy to user space, one a line, until it is told to stop:
//
//     copies [GROUP]
//     len 44 mark 0x1 in eth0 out - time 1795291200.123456 data 4500002c...
//
// "lost N" is a line about packets that came too fast. An example of fw/packet_log.h.
#include <poll.h>

#include <cinttypes>
#include <cstdio>
#include <cstdlib>

#include "fw/packet_log.h"

namespace {

const char* name_of(const std::string& interface) {
    return interface.empty() ? "-" : interface.c_str();
}

void print(const fw::LoggedPacket& packet) {
    std::printf("len %zu mark 0x%" PRIx32 " in %s out %s time ", packet.bytes.size(), packet.mark,
                name_of(packet.in), name_of(packet.out));
    if (packet.time) {
        std::printf("%" PRIu64 ".%06" PRIu64, *packet.time / 1'000'000, *packet.time % 1'000'000);
    } else {
        std::printf("-");
    }
    std::printf(" data ");
    for (const std::uint8_t byte : packet.bytes) {
        std::printf("%02x", byte);
    }
    std::printf("\n");
}

}  // namespace

int main(int argc, char** argv) {
    const int group = argc > 1 ? std::atoi(argv[1]) : fw::copy_group;
    fw::Result<fw::PacketLog> log = fw::PacketLog::open(static_cast<std::uint16_t>(group));
    if (!log) {
        std::fprintf(stderr, "copies: %s\n", log.error().problem.c_str());
        return 1;
    }
    pollfd readable{log->fd(), POLLIN, 0};
    while (poll(&readable, 1, -1) >= 0) {
        const fw::Result<fw::Received> received = log->receive();
        if (!received) {
            std::fprintf(stderr, "copies: %s\n", received.error().problem.c_str());
            return 1;
        }
        if (received->lost != 0) {
            std::printf("lost %" PRIu64 "\n", received->lost);
        }
        for (const fw::LoggedPacket& packet : received->packets) {
            print(packet);
        }
        std::fflush(stdout);
    }
}
