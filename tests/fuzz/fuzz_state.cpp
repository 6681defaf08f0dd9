// Any bytes at all as a state file: the reader neither crashes nor guesses; what it takes it writes
// so that it reads the same again, and everything else in the library can work with it. Build with
// -DFW_FUZZERS=ON and clang.
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "compile/table.h"
#include "few_names.h"
#include "fw/print.h"
#include "store/state_text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const auto ruleset = fw::read_state({reinterpret_cast<const char*>(data), size});
    if (!ruleset) {
        require(!ruleset.error().problem.empty());
        return 0;
    }
    const fw::Result<std::string> text = fw::write_state(*ruleset);
    require(text.ok());
    const auto again = fw::read_state(*text);
    require(again && *again == *ruleset);
    require(!fw::print_proc_fwnames(*ruleset).empty());
    static_cast<void>(fw::print_proc_fwchains(*ruleset));
    for (const fw::MasqueradingTool tool :
         {fw::MasqueradingTool::portfw, fw::MasqueradingTool::mfw, fw::MasqueradingTool::autofw,
          fw::MasqueradingTool::ipportfw, fw::MasqueradingTool::ipfwd}) {
        require(!fw::print_forwards(*ruleset, {tool, true}, FewNames()).empty());
    }
    static_cast<void>(fw::compile::compile_table(*ruleset));
    return 0;
}
