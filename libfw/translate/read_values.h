// Values as nft writes them: numbers, addresses, names of ports and protocols, flags.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "fw/names.h"
#include "translate/table.h"
#include "translate/tokens.h"

namespace fw::translate {

// TCP flags, states and statuses: a name stands for a bit.
[[nodiscard]] bool is_bits(nft::Field field);

class ValueReader {
public:
    // Without names: only numbers, and the names that nft knows by itself.
    ValueReader(Cursor& cursor, const Names* names) : cursor_(cursor), names_(names) {}

    // Nothing, and an error in the cursor, for what is no value of the field.
    [[nodiscard]] std::optional<std::uint32_t> value(nft::Field field);
    // syn,ack or (syn|ack); in sets a comma ends it.
    [[nodiscard]] std::optional<std::uint32_t> bits(nft::Field field, bool commas);
    // A value, a range, or a prefix; the name of an interface.
    [[nodiscard]] std::optional<Value> range(nft::Field field);
    // Between the braces; `map`: with verdicts behind colons.
    [[nodiscard]] std::optional<std::vector<Element>> elements(const std::vector<nft::Field>& key,
                                                               bool map, bool counters);
    [[nodiscard]] std::optional<nft::Decide> verdict();
    [[nodiscard]] std::optional<Counters> counts();  // what stands behind `counter`
    [[nodiscard]] std::optional<std::uint32_t> number(std::uint64_t highest);
    [[nodiscard]] std::optional<std::string> string();

    // Whether ports, or protocols, were given by names that are not nft's own, since the last call.
    [[nodiscard]] bool named_ports() { return std::exchange(named_ports_, false); }
    [[nodiscard]] bool named_protocol() { return std::exchange(named_protocol_, false); }

private:
    [[nodiscard]] std::optional<std::uint32_t> named(nft::Field field, std::string_view name);
    [[nodiscard]] std::optional<std::uint32_t> port(nft::Field field, const std::string& name);
    [[nodiscard]] std::optional<std::uint32_t> protocol(const std::string& name);
    [[nodiscard]] std::optional<std::uint32_t> bit(nft::Field field);
    [[nodiscard]] std::optional<Element> element(const std::vector<nft::Field>& key, bool map,
                                                 bool counters);

    Cursor& cursor_;
    const Names* names_;
    std::map<std::pair<bool, std::string>, std::optional<std::uint32_t>> ports_;  // looked up
    bool named_ports_ = false;
    bool named_protocol_ = false;
};

// Four numbers with dots between.
[[nodiscard]] std::optional<std::uint32_t> dotted(std::string_view text);

}  // namespace fw::translate
