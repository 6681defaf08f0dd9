#include "translate/read_values.h"

#include <algorithm>
#include <iterator>

#include "nft/fields.h"
#include "nft/text.h"
#include "translate/values.h"

namespace fw::translate {

namespace {

using nft::Field;
using nft::Notation;

// What nft 1.0.6 has names for, beside those that nft/text.h writes.
struct Named {
    Field field;
    std::string_view name;
    std::uint32_t value;
};
constexpr Named names_of_nft[] = {
    {Field::ip_dscp, "cs0", 0x00},
    {Field::ip_dscp, "lephb", 0x01},
    {Field::ip_dscp, "cs1", 0x08},
    {Field::ip_dscp, "af11", 0x0a},
    {Field::ip_dscp, "af12", 0x0c},
    {Field::ip_dscp, "af13", 0x0e},
    {Field::ip_dscp, "cs2", 0x10},
    {Field::ip_dscp, "af21", 0x12},
    {Field::ip_dscp, "af22", 0x14},
    {Field::ip_dscp, "af23", 0x16},
    {Field::ip_dscp, "cs3", 0x18},
    {Field::ip_dscp, "af31", 0x1a},
    {Field::ip_dscp, "af32", 0x1c},
    {Field::ip_dscp, "af33", 0x1e},
    {Field::ip_dscp, "cs4", 0x20},
    {Field::ip_dscp, "af41", 0x22},
    {Field::ip_dscp, "af42", 0x24},
    {Field::ip_dscp, "af43", 0x26},
    {Field::ip_dscp, "cs5", 0x28},
    {Field::ip_dscp, "va", 0x2c},
    {Field::ip_dscp, "ef", 0x2e},
    {Field::ip_dscp, "cs6", 0x30},
    {Field::ip_dscp, "cs7", 0x38},
    {Field::ip_ecn, "not-ect", 0},
    {Field::ip_ecn, "ect1", 1},
    {Field::ip_ecn, "ect0", 2},
    {Field::ip_ecn, "ce", 3},
    {Field::icmp_code, "net-unreachable", 0},
    {Field::icmp_code, "host-unreachable", 1},
    {Field::icmp_code, "prot-unreachable", 2},
    {Field::icmp_code, "port-unreachable", 3},
    {Field::icmp_code, "frag-needed", 4},
    {Field::icmp_code, "net-prohibited", 9},
    {Field::icmp_code, "host-prohibited", 10},
    {Field::icmp_code, "admin-prohibited", 13},
};

// Protocols whose names are words of nft.
struct Protocol {
    std::string_view name;
    std::uint32_t number;
};
constexpr Protocol protocols[] = {{"icmp", 1},    {"igmp", 2},   {"tcp", 6},    {"udp", 17},
                                  {"dccp", 33},   {"gre", 47},   {"esp", 50},   {"ah", 51},
                                  {"icmpv6", 58}, {"comp", 108}, {"sctp", 132}, {"udplite", 136}};

bool is_own_protocol(std::string_view name) {
    return name == "icmp" || name == "tcp" || name == "udp";  // always written so
}

constexpr std::size_t most_elements = 1 << 20;

// "ppp*": the star of a prefix; "ppp\*": one of the name's own.
Value interface_value(std::string_view text) {
    Value value;
    if (text.ends_with("\\*")) {
        value.interface = text.substr(0, text.size() - 2);
        value.interface += '*';
    } else if (text.ends_with('*')) {
        value.interface = text.substr(0, text.size() - 1);
        value.prefix = true;
    } else {
        value.interface = text;
    }
    return value;
}

}  // namespace

bool is_bits(Field field) {
    const Notation notation = nft::facts(field).notation;
    return notation == Notation::tcp_flag_list || notation == Notation::state_list ||
           notation == Notation::status_list;
}

std::optional<std::uint32_t> dotted(std::string_view text) {
    std::uint32_t address = 0;
    for (int part = 0; part < 4; ++part) {
        const std::size_t end = part == 3 ? text.size() : text.find('.');
        if (end == std::string_view::npos) {
            return std::nullopt;
        }
        const auto byte = number_of(text.substr(0, end));
        if (!byte || *byte > 255 || text.starts_with("0x")) {
            return std::nullopt;
        }
        address = address << 8 | static_cast<std::uint32_t>(*byte);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return address;
}

std::optional<std::uint32_t> ValueReader::number(std::uint64_t highest) {
    const auto value =
        cursor_.peek().kind == TokenKind::number ? number_of(cursor_.peek().text) : std::nullopt;
    if (!value || *value > highest) {
        cursor_.fail("here should be a number up to " + std::to_string(highest));
        return std::nullopt;
    }
    cursor_.next();
    return static_cast<std::uint32_t>(*value);
}

std::optional<std::string> ValueReader::string() {
    if (cursor_.peek().kind != TokenKind::string) {
        cursor_.fail("here should be something between quotes");
        return std::nullopt;
    }
    return std::string(cursor_.next().text);
}

std::optional<std::uint32_t> ValueReader::value(Field field) {
    if (is_bits(field)) {
        return bits(field, false);
    }
    const nft::FieldFacts& facts = nft::facts(field);
    const Token& token = cursor_.peek();
    if (facts.notation == Notation::address) {
        const auto address = token.kind == TokenKind::number ? dotted(token.text) : std::nullopt;
        if (!address) {
            cursor_.fail("here should be an address like 10.0.0.1");
            return std::nullopt;
        }
        cursor_.next();
        return address;
    }
    if (token.kind == TokenKind::number) {
        return number(nft::full_mask(facts));
    }
    const auto found = token.kind == TokenKind::word ? named(field, token.text) : std::nullopt;
    if (!found) {
        cursor_.fail("no value of " + std::string(facts.text));
        return std::nullopt;
    }
    cursor_.next();
    return found;
}

std::optional<std::uint32_t> ValueReader::named(Field field, std::string_view name) {
    for (const Named& one : names_of_nft) {
        if (one.field == field && one.name == name) {
            return one.value;
        }
    }
    switch (nft::facts(field).notation) {
        case Notation::protocol: return protocol(std::string(name));
        case Notation::icmp_type_name:
        case Notation::direction_name:
            for (std::uint32_t value = 0; value < 256; ++value) {
                if (nft::value_text(field, value) == name) {
                    return value;
                }
            }
            return std::nullopt;
        default: return has_ports(field) ? port(field, std::string(name)) : std::nullopt;
    }
}

std::optional<std::uint32_t> ValueReader::protocol(const std::string& name) {
    named_protocol_ = named_protocol_ || !is_own_protocol(name);
    for (const Protocol& one : protocols) {
        if (one.name == name) {
            return one.number;
        }
    }
    return names_ != nullptr ? names_->protocol(name) : std::nullopt;
}

std::optional<std::uint32_t> ValueReader::port(Field field, const std::string& name) {
    if (names_ == nullptr) {
        return std::nullopt;
    }
    named_ports_ = true;
    const bool tcp = field == Field::tcp_sport || field == Field::tcp_dport;
    const auto [entry, is_new] = ports_.try_emplace({tcp, name});
    if (is_new) {
        // nft asks without saying of which protocol.
        entry->second = names_->service(name, tcp ? "tcp" : "udp");
        if (!entry->second) {
            entry->second = names_->service(name, tcp ? "udp" : "tcp");
        }
    }
    return entry->second;
}

std::optional<std::uint32_t> ValueReader::bit(Field field) {
    const Token& token = cursor_.peek();
    if (token.kind == TokenKind::number && field == Field::tcp_flags) {
        return number(255);
    }
    for (std::uint32_t value = 1; value != 0 && token.kind == TokenKind::word; value <<= 1) {
        if (nft::value_text(field, value) == token.text) {
            cursor_.next();
            return value;
        }
    }
    cursor_.fail("no value of " + std::string(nft::facts(field).text));
    return std::nullopt;
}

std::optional<std::uint32_t> ValueReader::bits(Field field, bool commas) {
    const bool open = cursor_.accept("(");
    std::uint32_t all = 0;
    do {
        const auto one = bit(field);
        if (!one) {
            return std::nullopt;
        }
        all |= *one;
    } while (cursor_.accept("|") || (commas && cursor_.accept(",")));
    if (open && !cursor_.expect(")")) {
        return std::nullopt;
    }
    return all;
}

std::optional<Value> ValueReader::range(Field field) {
    if (has_interfaces(field)) {
        const Token token = cursor_.peek();
        if ((token.kind != TokenKind::string && token.kind != TokenKind::word) ||
            token.text.empty()) {
            cursor_.fail("here should be the name of an interface");
            return std::nullopt;
        }
        cursor_.next();
        Value value = interface_value(token.text);
        value.prefix = value.prefix || (token.kind == TokenKind::word && cursor_.accept("*"));
        return value;
    }
    const auto first = value(field);
    if (!first) {
        return std::nullopt;
    }
    Value result{*first, *first};
    if (cursor_.accept("-")) {
        const auto last = value(field);
        if (!last || *last < *first) {
            cursor_.fail("the range ends before it begins");
            return std::nullopt;
        }
        result.last = *last;
    } else if (nft::facts(field).notation == Notation::address && cursor_.accept("/")) {
        const auto length = number(32);
        if (!length) {
            return std::nullopt;
        }
        const std::uint32_t mask = *length == 0 ? 0 : 0xffffffff << (32 - *length);
        result = {*first & mask, *first | ~mask};
    }
    return result;
}

std::optional<nft::Decide> ValueReader::verdict() {
    struct Word {
        std::string_view text;
        nft::Verdict verdict;
    };
    constexpr Word words[] = {{"accept", nft::Verdict::accept},
                              {"drop", nft::Verdict::drop},
                              {"return", nft::Verdict::ret},
                              {"jump", nft::Verdict::jump},
                              {"goto", nft::Verdict::go_to}};
    const auto* found = std::find_if(std::begin(words), std::end(words),
                                     [&](const Word& word) { return cursor_.at(word.text); });
    if (found == std::end(words)) {
        cursor_.fail("no verdict");
        return std::nullopt;
    }
    cursor_.next();
    nft::Decide decide{found->verdict, {}};
    if (decide.verdict == nft::Verdict::jump || decide.verdict == nft::Verdict::go_to) {
        const TokenKind kind = cursor_.peek().kind;
        if (kind != TokenKind::word && kind != TokenKind::string) {
            cursor_.fail("here should be the name of a chain");
            return std::nullopt;
        }
        decide.chain = cursor_.next().text;
    }
    return decide;
}

std::optional<Counters> ValueReader::counts() {
    Counters counters;
    if (!cursor_.accept("packets")) {
        return counters;
    }
    for (std::uint64_t* count : {&counters.packets, &counters.bytes}) {
        const auto value = number_of(cursor_.peek().text);
        if (!value || cursor_.peek().kind != TokenKind::number) {
            cursor_.fail("here should be a number");
            return std::nullopt;
        }
        cursor_.next();
        *count = *value;
        if (count == &counters.packets && !cursor_.expect("bytes")) {
            return std::nullopt;
        }
    }
    return counters;
}

std::optional<std::vector<Element>> ValueReader::elements(const std::vector<Field>& key, bool map,
                                                          bool counters) {
    std::vector<Element> result;
    if (!cursor_.expect("{")) {
        return std::nullopt;
    }
    for (;;) {
        cursor_.skip_lines();
        if (cursor_.accept("}")) {
            return result;
        }
        auto one = element(key, map, counters);
        if (!one || result.size() == most_elements) {
            cursor_.fail("too many elements");
            return std::nullopt;
        }
        result.push_back(std::move(*one));
        cursor_.skip_lines();
        if (!cursor_.at("}") && !cursor_.expect(",")) {
            return std::nullopt;
        }
    }
}

std::optional<Element> ValueReader::element(const std::vector<Field>& key, bool map,
                                            bool counters) {
    Element result;
    for (const Field field : key) {
        if (!result.values.empty() && !cursor_.expect(".")) {
            return std::nullopt;
        }
        auto value = range(field);
        if (!value) {
            return std::nullopt;
        }
        result.values.push_back(std::move(*value));
    }
    if (counters) {
        result.counter.emplace();
    }
    for (;;) {
        if (cursor_.accept("counter")) {
            result.counter = counts();
            if (!result.counter) {
                return std::nullopt;
            }
        } else if (cursor_.accept("comment")) {
            auto comment = string();
            if (!comment) {
                return std::nullopt;
            }
            result.comment = std::move(*comment);
        } else {
            break;
        }
    }
    if (map) {
        auto decide = cursor_.expect(":") ? verdict() : std::nullopt;
        if (!decide) {
            return std::nullopt;
        }
        result.verdict = std::move(*decide);
    }
    return result;
}

}  // namespace fw::translate
