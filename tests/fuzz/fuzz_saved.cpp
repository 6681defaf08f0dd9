// Saved rules: no text makes `restore` stumble; what it makes of one is printed, restored, and
// printed again the same.
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "few_names.h"
#include "fw/saved.h"

namespace {

class Skip final : public fw::AskToFlush {
public:
    bool flush(const std::string&) override { return false; }
};

void must_come_back(const fw::Ruleset& ruleset, const fw::Names& names) {
    const std::string text = fw::print_saved(ruleset, std::nullopt, true);
    fw::Ruleset again = fw::Ruleset::empty();
    const fw::Restored restored = fw::restore(again, text, {.counters = true}, names, nullptr);
    require(restored.errors.empty());
    require(again == ruleset);
    require(fw::print_saved(again, std::nullopt, true) == text);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) {
        return 0;
    }
    const std::string_view text(reinterpret_cast<const char*>(data) + 1, size - 1);
    const fw::RestoreOptions options{(data[0] & 1) != 0, (data[0] & 2) != 0, (data[0] & 4) != 0,
                                     (data[0] & 8) != 0};
    static const FewNames names;
    static Skip skip;
    fw::Ruleset ruleset = fw::Ruleset::empty();
    const fw::Ruleset before = ruleset;
    const fw::Restored restored = fw::restore(ruleset, text, options, names, &skip);
    if (!restored.errors.empty()) {
        require(ruleset == before);
        return 0;
    }
    must_come_back(ruleset, names);
    return 0;
}
