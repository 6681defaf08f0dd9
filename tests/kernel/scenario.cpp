#include "scenario.h"

#include "unit/packet_options.h"

namespace packets {

namespace {

Shot shot_of(const PacketRequest& request) {
    Shot shot{false, request.packet, far_interface};
    if (shot.packet.id == 0) {
        shot.packet.id = 1;  // the kernel would choose one
    }
    if (request.hook == "output" || request.packet.direction == fw::Direction::out ||
        shot.packet.interface == "lo") {
        shot.local = true;
    } else if (request.hook == "forward") {
        shot.route = shot.packet.interface;
        shot.packet.interface = near_interface;
    }
    return shot;
}

}  // namespace

Scenario recorded_scenario(const recorded::Packets& recorded, fw::Dialect dialect) {
    Scenario scenario{recorded.id, {}, Tracking::no, dialect};
    for (const recorded::Command& rule : recorded.rules) {
        scenario.steps.emplace_back(Words(rule.words.begin() + 1, rule.words.end()));
    }
    for (const recorded::Packet& packet : recorded.packets) {
        if (const auto request = parse_packet_options(packet.arguments)) {
            scenario.steps.emplace_back(shot_of(*request));
        }
    }
    return scenario;
}

}  // namespace packets
