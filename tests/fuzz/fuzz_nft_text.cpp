// Any bytes at all as a table in the nft language: the reader neither crashes nor guesses, and says
// where it stopped; what it takes is written so that it reads the same again, and packets find
// their way through it. Seeds: tests/golden; words: fuzz_nft_text.dict. Build with -DFW_FUZZERS=ON
// and clang.
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "few_names.h"
#include "translate/evaluate.h"
#include "translate/read.h"
#include "translate/text.h"

namespace {

// Jumps can lead through a table in more ways than anybody has time for.
bool is_small(const fw::translate::Table& table) {
    std::size_t jumps = 0;
    for (const fw::translate::Chain& chain : table.chains) {
        for (const fw::translate::Rule& rule : chain.rules) {
            for (const fw::translate::Statement& statement : rule.statements) {
                const auto* expression = std::get_if<fw::nft::Expr>(&statement);
                const bool jump =
                    expression == nullptr || std::holds_alternative<fw::nft::Decide>(*expression);
                jumps += jump ? 1 : 0;
            }
        }
    }
    return jumps < 12;
}

void walk(const fw::translate::Table& table) {
    const fw::translate::Evaluator evaluator(table);
    fw::Packet packet;
    packet.protocol = fw::protocol_tcp;
    for (const auto hook : {fw::nft::HookPoint::prerouting, fw::nft::HookPoint::forward,
                            fw::nft::HookPoint::postrouting}) {
        static_cast<void>(evaluator.decide({packet, "eth0", "ppp0"}, hook));
    }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const FewNames names;
    const auto table =
        fw::translate::read_table({reinterpret_cast<const char*>(data), size}, &names);
    if (!table) {
        require(table.error().word.starts_with("line "));
        require(!table.error().problem.empty());
        return 0;
    }
    const std::string text = fw::translate::table_text(*table, names);
    const auto again = fw::translate::read_table(text, &names);
    require(again.ok());
    require(fw::translate::table_text(*again, names) == text);
    if (is_small(*table)) {
        walk(*table);
    }
    return 0;
}
