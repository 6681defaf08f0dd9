// Rules in the nft language: the statements. What a rule tests is read in read_tests.cpp.
#include "translate/read_rule.h"

#include <utility>

#include "nft/text.h"

namespace fw::translate {

namespace {

using nft::Field;

constexpr std::uint32_t largest = 0xffffffff;
constexpr std::uint32_t highest_label = 127;

bool ends_statement(const Cursor& cursor) {
    return cursor.peek().kind == TokenKind::newline || cursor.peek().kind == TokenKind::end ||
           cursor.at(";") || cursor.at("}");
}

}  // namespace

std::optional<Rule> RuleReader::read() {
    rule_ = {};
    rule_.line = cursor_.peek().line;
    protocol_.reset();
    ended_ = false;
    while (!ends_statement(cursor_)) {
        if (cursor_.accept("comment")) {
            auto comment = values_.string();
            if (!comment || !ends_statement(cursor_)) {
                cursor_.fail("behind the comment should be the end of the line");
                return std::nullopt;
            }
            rule_.comment = std::move(*comment);
        } else if (ended_) {
            cursor_.fail("behind a verdict nothing has an effect");
            return std::nullopt;
        } else if (!statement()) {
            cursor_.not_understood();
            return std::nullopt;
        }
    }
    if (rule_.statements.empty()) {
        cursor_.fail("a rule that does nothing");
        return std::nullopt;
    }
    rule_.named_ports = values_.named_ports();
    rule_.named_protocol = values_.named_protocol();
    return std::move(rule_);
}

bool RuleReader::add(nft::Expr expression) {
    rule_.statements.emplace_back(std::move(expression));
    return true;
}

// --- Statements ---

bool RuleReader::statement() {
    struct Word {
        std::string_view text;
        bool (RuleReader::*read)();
    };
    constexpr Word words[] = {
        {"counter", &RuleReader::count},     {"log", &RuleReader::log},
        {"limit", &RuleReader::limit},       {"reject", &RuleReader::reject},
        {"numgen", &RuleReader::take_turn},  {"dnat", &RuleReader::destination_nat},
        {"delete", &RuleReader::update_map},
    };
    for (const Word& word : words) {
        if (cursor_.accept(word.text)) {
            return (this->*word.read)();
        }
    }
    for (const std::string_view word : {"accept", "drop", "return", "jump", "goto"}) {
        if (cursor_.at(word)) {
            auto decide = values_.verdict();
            ended_ = true;
            return decide && add(std::move(*decide));
        }
    }
    for (const std::string_view word : {"masquerade", "redirect"}) {
        if (cursor_.accept(word)) {
            return rewrite(word);
        }
    }
    if (cursor_.at("ct") && (cursor_.at("label", 1) || cursor_.at("helper", 1))) {
        return connection();
    }
    if (cursor_.accept("fib")) {
        return cursor_.expect("daddr") && cursor_.expect("type") && cursor_.expect("local") &&
               add(nft::IsLocal{});
    }
    return test();
}

bool RuleReader::count() {
    const auto counters = values_.counts();
    return counters && add(nft::Counter{*counters});
}

// log [prefix "..."] [group N] [snaplen N] [level info]
bool RuleReader::log() {
    std::string prefix;
    std::optional<std::uint32_t> group;
    std::optional<std::uint32_t> size;
    for (;;) {
        if (cursor_.accept("prefix")) {
            auto text = values_.string();
            if (!text) {
                return false;
            }
            prefix = std::move(*text);
        } else if (cursor_.at("group") || cursor_.at("snaplen")) {
            auto& into = cursor_.next().text == "group" ? group : size;
            into = values_.number(65535);
            if (!into) {
                return false;
            }
        } else if (cursor_.accept("level")) {
            if (!cursor_.expect("info")) {
                return false;
            }
        } else {
            break;
        }
    }
    if (!group) {
        return !size && add(nft::Log{std::move(prefix)});
    }
    nft::LogGroup log{static_cast<std::uint16_t>(*group), std::nullopt, std::move(prefix)};
    if (size) {
        log.size = static_cast<std::uint16_t>(*size);
    }
    return add(std::move(log));
}

bool RuleReader::limit() {
    constexpr std::uint32_t burst_of_nft = 5;
    nft::Limit limit{0, burst_of_nft};
    if (!cursor_.expect("rate")) {
        return false;
    }
    const auto rate = values_.number(largest);
    if (!rate || !cursor_.expect("/") || !cursor_.expect("second")) {
        return false;
    }
    limit.per_second = *rate;
    if (cursor_.accept("burst")) {
        const auto burst = values_.number(largest);
        if (!burst || !cursor_.expect("packets")) {
            return false;
        }
        limit.burst = *burst;
    }
    return add(limit);
}

bool RuleReader::reject() {
    ended_ = true;
    if (cursor_.accept("with")) {
        if (!cursor_.expect("icmp")) {
            return false;
        }
        cursor_.accept("type");
        if (!cursor_.expect("port-unreachable")) {
            return false;
        }
    }
    return add(nft::RejectPacket{});
}

// masquerade [to :61000-65095], redirect [to :80]
bool RuleReader::rewrite(std::string_view word) {
    ended_ = true;
    const bool masquerades = word == "masquerade";
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    if (cursor_.accept("to")) {
        const auto port = cursor_.expect(":") ? values_.number(65535) : std::nullopt;
        if (!port || *port == 0) {
            return cursor_.fail("a port of 0");
        }
        first = last = *port;
        if (masquerades && cursor_.accept("-")) {
            const auto end = values_.number(65535);
            if (!end || *end < first) {
                return cursor_.fail("the range ends before it begins");
            }
            last = *end;
        }
    }
    if (masquerades) {
        return add(
            nft::MasqueradeTo{static_cast<std::uint16_t>(first), static_cast<std::uint16_t>(last)});
    }
    return add(nft::RedirectTo{static_cast<std::uint16_t>(first)});
}

// ip saddr, or ip daddr & 0.0.0.0, which is the same for all packets
bool RuleReader::map_name(std::string& name, bool& one_key) {
    if (!cursor_.expect("@")) {
        return false;
    }
    name = cursor_.next().text;
    one_key = false;
    return true;
}

// dnat to ADDRESS[:port], or dnat to ip saddr map @NAME
bool RuleReader::destination_nat() {
    ended_ = true;
    if (!cursor_.expect("to")) {
        return false;
    }
    if (cursor_.accept("ip")) {
        nft::ForwardByMap forward;
        if (cursor_.accept("daddr")) {
            if (!cursor_.expect("&") || !cursor_.expect("0.0.0.0")) {
                return false;
            }
            forward.one_key = true;
        } else if (!cursor_.expect("saddr")) {
            return false;
        }
        bool ignored = false;
        const bool one_key = forward.one_key;
        if (!cursor_.expect("map") || !map_name(forward.map, ignored)) {
            return false;
        }
        forward.one_key = one_key;
        return add(std::move(forward));
    }
    const auto address = values_.value(Field::ip_daddr);
    if (!address) {
        return false;
    }
    nft::ForwardTo forward{{*address}, 0};
    if (cursor_.accept(":")) {
        const auto port = values_.number(65535);
        if (!port) {
            return false;
        }
        forward.port = static_cast<std::uint16_t>(*port);
    }
    return add(forward);
}

// delete @NAME { ip daddr : ip saddr } add @NAME { ip daddr : ip saddr }
bool RuleReader::update_map() {
    nft::UpdateMap first;
    nft::UpdateMap second;
    for (nft::UpdateMap* update : {&first, &second}) {
        if (update == &second && !cursor_.expect("add")) {
            return false;
        }
        if (!map_name(update->map, update->one_key) || !cursor_.expect("{") ||
            !cursor_.expect("ip") || !cursor_.expect("daddr")) {
            return false;
        }
        if (cursor_.accept("&")) {
            update->one_key = true;
            if (!cursor_.expect("0.0.0.0")) {
                return false;
            }
        }
        if (!cursor_.expect(":") || !cursor_.expect("ip") || !cursor_.expect("saddr") ||
            !cursor_.expect("}")) {
            return false;
        }
    }
    return first == second ? add(std::move(first)) : cursor_.fail("two maps at once");
}

// ct label [! | set] N, ct helper set "ftp"
bool RuleReader::connection() {
    cursor_.next();
    if (cursor_.next().text == "helper") {
        auto name = cursor_.expect("set") ? values_.string() : std::nullopt;
        return name && add(nft::SetHelper{std::move(*name)});
    }
    const bool sets = cursor_.accept("set");
    const bool inverted = !sets && cursor_.accept("!");
    const auto label = values_.number(highest_label);
    if (!label) {
        return false;
    }
    return sets ? add(nft::SetLabel{*label}) : add(nft::HasLabel{*label, inverted});
}

// numgen inc mod N < M
bool RuleReader::take_turn() {
    if (!cursor_.expect("inc") || !cursor_.expect("mod")) {
        return false;
    }
    const auto of = values_.number(largest);
    const auto first = of && cursor_.expect("<") ? values_.number(largest) : std::nullopt;
    return first && add(nft::TakesTurn{*first, *of});
}

}  // namespace fw::translate
