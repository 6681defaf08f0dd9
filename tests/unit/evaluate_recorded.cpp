// Recorded rulesets and packets: for each, the answers of -C, the verdict, TOS, mark, log lines
// and copies of each packet, and the counters after the last one.
#include <catch2/catch.hpp>

#include "file_names.h"
#include "firewall.h"
#include "fw/evaluate.h"
#include "fw/print.h"
#include "packet_options.h"
#include "recorded.h"

namespace {

std::span<const std::string> arguments(const recorded::Command& command) {
    return std::span(command.words).subspan(1);
}

void check_packet(fw::Ruleset& ruleset, const recorded::Packet& recorded) {
    const auto request = packets::parse_packet_options(recorded.arguments);
    REQUIRE(request.ok());
    const fw::Decision decision = fw::evaluate(ruleset, request->hook, request->packet);
    fw::count(ruleset, decision, request->packet.length);
    CHECK(packets::verdict_name(decision.verdict) == recorded.verdict);
    if (decision.verdict == fw::Verdict::redirect) {
        CHECK(decision.port == recorded.port);
    }
    CHECK(decision.tos == recorded.tos);
    CHECK(decision.mark == recorded.mark);
    CHECK(decision.log == recorded.log);
    CHECK(packets::copies(request->packet, decision) == recorded.copies);
}

}  // namespace

TEST_CASE("every recorded packet meets its fate", "[recorded]") {
    const fw::Names& names = recorded_names();
    for (const recorded::Packets& recorded : recorded::ipchains_packets()) {
        INFO(recorded.id);
        fw::Ruleset ruleset = fw::Ruleset::empty();
        for (const recorded::Command& rule : recorded.rules) {
            const firewall::Run run = firewall::ipchains(ruleset, arguments(rule), names);
            INFO(run.problem);
            CHECK(run.exit == rule.exit);
        }
        for (const recorded::Command& check : recorded.checks) {
            CHECK(firewall::ipchains(ruleset, arguments(check), names).output == check.output);
        }
        for (const recorded::Packet& packet : recorded.packets) {
            check_packet(ruleset, packet);
        }
        CHECK(fw::print_proc_fwnames(ruleset) == recorded.fwnames);
        CHECK(fw::print_proc_fwchains(ruleset) == recorded.fwchains);
    }
}
