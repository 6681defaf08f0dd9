#include "translate/read.h"

#include <algorithm>
#include <iterator>
#include <map>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "nft/text.h"
#include "translate/read_rule.h"

namespace fw::translate {

namespace {

using nft::BaseType;
using nft::HookPoint;

// Names for priorities, nft(8).
struct Priority {
    std::string_view name;
    std::int32_t value;
};
constexpr Priority priorities[] = {{"raw", -300}, {"mangle", -150}, {"dstnat", -100},
                                   {"filter", 0}, {"security", 50}, {"srcnat", 100}};

[[nodiscard]] std::optional<Error> check_targets(const Table& table);

class TableReader {
public:
    TableReader(std::string_view text, const Names* names)
        : cursor_(text), values_(cursor_, names), rules_(cursor_, values_, declared_) {}

    Result<Table> read() {
        if (!commands()) {
            cursor_.not_understood();
            return *cursor_.error();
        }
        if (auto error = check_targets(table_)) {
            return std::move(*error);
        }
        table_.fragments = rules_.fragments();
        return std::move(table_);
    }

private:
    // --- Of a file ---

    bool commands();
    bool table_name();
    bool table();
    void clear();

    // --- Of a table ---

    bool item();
    bool set(bool is_map);
    bool set_type(Declared& declared, bool& addresses);
    bool set_flags();
    bool timeout(nft::Map& map);
    bool helper();
    bool chain();
    bool base(Chain& chain);
    bool priority(std::int32_t& value);
    bool policy(Chain& chain);

    [[nodiscard]] bool name(std::string& into);
    [[nodiscard]] bool ends_line() const {
        return cursor_.peek().kind == TokenKind::newline || cursor_.at(";") || cursor_.at("}") ||
               cursor_.peek().kind == TokenKind::end;
    }
    bool expect_end() { return ends_line() || cursor_.not_understood(); }
    bool comment() { return values_.string().has_value() && expect_end(); }

    // Passes empty lines, and keeps what stands behind # in them.
    void pass_lines();
    [[nodiscard]] std::vector<std::string> above() { return std::exchange(above_, {}); }

    Cursor cursor_;
    ValueReader values_;
    std::map<std::string, Declared> declared_;
    RuleReader rules_;
    std::vector<std::string> above_;
    Table table_;
    bool named_ = false;  // the table has its name
};

void TableReader::pass_lines() {
    while (cursor_.peek().kind == TokenKind::newline || cursor_.at(";") ||
           cursor_.peek().kind == TokenKind::comment) {
        const Token token = cursor_.next();
        const bool program = token.line == 1 && token.text.starts_with('!');
        if (token.kind == TokenKind::comment && !program) {
            above_.emplace_back(token.text);
        }
    }
}

bool TableReader::name(std::string& into) {
    const Token& token = cursor_.peek();
    if ((token.kind != TokenKind::word && token.kind != TokenKind::string) || token.text.empty()) {
        return cursor_.fail("here should be a name");
    }
    into = cursor_.next().text;
    return true;
}

bool TableReader::commands() {
    for (;;) {
        pass_lines();
        if (cursor_.peek().kind == TokenKind::end) {
            return named_ || cursor_.fail("there is no table");
        }
        if (cursor_.accept("flush")) {
            if (cursor_.accept("ruleset")) {
                clear();
            } else if (!cursor_.expect("table") || !table_name()) {
                return false;
            }
            for (Chain& chain : table_.chains) {
                chain.rules.clear();
            }
        } else if (cursor_.accept("delete")) {
            if (!cursor_.expect("table") || !table_name()) {
                return false;
            }
            clear();
        } else if (cursor_.accept("add") ? cursor_.expect("table") : cursor_.accept("table")) {
            if (!table()) {
                return false;
            }
        } else {
            return cursor_.not_understood();
        }
        if (!expect_end()) {
            return false;
        }
    }
}

void TableReader::clear() {
    table_.maps.clear();
    table_.helpers.clear();
    table_.chains.clear();
    declared_.clear();
}

bool TableReader::table_name() {
    cursor_.accept("ip");
    std::string name_here;
    if (cursor_.at("inet") || cursor_.at("ip6") || cursor_.at("arp") || cursor_.at("bridge") ||
        cursor_.at("netdev")) {
        return cursor_.fail("a table of another family", "only tables of family ip are understood");
    }
    if (!name(name_here)) {
        return false;
    }
    if (named_ && name_here != table_.name) {
        return cursor_.fail("there is a second table, " + name_here + ", before this",
                            "give one table only");
    }
    table_.name = std::move(name_here);
    if (!std::exchange(named_, true)) {
        table_.above = above();
    }
    return true;
}

bool TableReader::table() {
    if (!table_name()) {
        return false;
    }
    above_.clear();
    if (!cursor_.accept("{")) {
        return true;
    }
    for (;;) {
        pass_lines();
        if (cursor_.accept("}")) {
            above_.clear();
            return true;
        }
        if (!item() || !expect_end()) {
            return false;
        }
    }
}

bool TableReader::item() {
    if (cursor_.accept("chain")) {
        return chain();
    }
    if (cursor_.at("set") || cursor_.at("map")) {
        above_.clear();
        return set(cursor_.next().text == "map");
    }
    if (cursor_.accept("comment")) {
        return comment();
    }
    if (cursor_.accept("ct")) {
        above_.clear();
        return cursor_.expect("helper") && helper();
    }
    return cursor_.not_understood();
}

// --- Sets and maps ---

bool TableReader::set(bool is_map) {
    std::string called;
    if (!name(called) || !cursor_.expect("{")) {
        return false;
    }
    Declared declared;
    nft::Map map{called, 0};
    bool addresses = false;
    for (;;) {
        cursor_.skip_lines();
        if (cursor_.accept("}")) {
            break;
        }
        bool good = false;
        if (cursor_.at("type") || cursor_.at("typeof")) {
            good = set_type(declared, addresses);
        } else if (cursor_.accept("flags")) {
            good = set_flags();
        } else if (cursor_.accept("size")) {
            good = values_.number(0xffffffff).has_value();
        } else if (cursor_.accept("timeout")) {
            good = timeout(map);
        } else if (cursor_.accept("counter")) {
            good = declared.counters = true;
        } else if (cursor_.accept("comment")) {
            good = comment();
        } else if (cursor_.accept("elements")) {
            good = cursor_.expect("=");
            declared.elements = cursor_.place();
            good = good && cursor_.expect("{") && cursor_.skip_block();
        }
        if (!good || !expect_end()) {
            return cursor_.not_understood();
        }
    }
    if (is_map != (declared.verdicts || addresses)) {
        return cursor_.fail(is_map ? "the map before this has no values" : "a set without values");
    }
    if (addresses) {
        table_.maps.push_back(std::move(map));
        return !declared.elements || cursor_.fail("the map before this has elements");
    }
    const bool is_new = declared_.emplace(called, std::move(declared)).second;
    return is_new || cursor_.fail("declared twice: " + called);
}

// typeof FIELD [. FIELD] [: verdict], type WORD [. WORD] [: verdict | : ipv4_addr]
bool TableReader::set_type(Declared& declared, bool& addresses) {
    std::string word;
    if (cursor_.next().text == "typeof") {
        auto key = rules_.key();
        if (!key) {
            return false;
        }
        declared.key = std::move(*key);
    } else {
        do {
            if (!name(word)) {
                return false;
            }
        } while (cursor_.accept("."));
    }
    if (!cursor_.accept(":")) {
        return true;
    }
    addresses = word == "ipv4_addr" && cursor_.accept("ipv4_addr");
    declared.verdicts = !addresses;
    return addresses || cursor_.expect("verdict");
}

bool TableReader::set_flags() {
    do {
        if (!cursor_.accept("interval") && !cursor_.accept("constant") &&
            !cursor_.accept("dynamic") && !cursor_.accept("timeout")) {
            return cursor_.not_understood();
        }
    } while (cursor_.accept(","));
    return true;
}

bool TableReader::timeout(nft::Map& map) {
    std::string_view text = cursor_.peek().text;
    const bool seconds = text.ends_with('s');
    text.remove_suffix(seconds ? 1 : 0);
    const auto value = number_of(text);
    if (!seconds || !value || *value > 0xffffffff) {
        return cursor_.fail("here should be a time like 15s");
    }
    cursor_.next();
    map.seconds = static_cast<std::uint32_t>(*value);
    return true;
}

// ct helper ftp { type "ftp" protocol tcp; l3proto ip; }
bool TableReader::helper() {
    nft::HelperObject object;
    if (!name(object.name) || !cursor_.expect("{")) {
        return false;
    }
    for (;;) {
        cursor_.skip_lines();
        if (cursor_.accept("}")) {
            break;
        }
        if (cursor_.accept("l3proto")) {
            if (!cursor_.expect("ip")) {
                return false;
            }
            continue;
        }
        auto type = cursor_.expect("type") ? values_.string() : std::nullopt;
        const auto protocol =
            type && cursor_.expect("protocol") ? values_.value(nft::Field::l4proto) : std::nullopt;
        if (!protocol) {
            return false;
        }
        object.type = std::move(*type);
        object.protocol = static_cast<std::uint16_t>(*protocol);
    }
    if (object.type.empty()) {
        return cursor_.fail("the helper before this has no type");
    }
    table_.helpers.push_back(std::move(object));
    return true;
}

// --- Chains ---

bool TableReader::chain() {
    std::string called;
    if (!name(called) || !cursor_.expect("{")) {
        return false;
    }
    auto found = std::find_if(table_.chains.begin(), table_.chains.end(),
                              [&](const Chain& one) { return one.name == called; });
    if (found == table_.chains.end()) {
        table_.chains.push_back({std::move(called), std::nullopt, false, {}, above()});
        found = std::prev(table_.chains.end());
    }
    above_.clear();
    for (;;) {
        pass_lines();
        if (cursor_.accept("}")) {
            above_.clear();
            return true;
        }
        if (cursor_.peek().kind == TokenKind::end) {
            return cursor_.fail("a } is missing");
        }
        bool good = false;
        if (cursor_.accept("type")) {
            good = base(*found);
        } else if (cursor_.accept("policy")) {
            good = policy(*found);
        } else if (cursor_.at("comment") && found->rules.empty()) {
            cursor_.next();
            good = comment();
        } else if (auto rule = rules_.read()) {
            rule->above = above();
            found->rules.push_back(std::move(*rule));
            good = true;
        }
        if (!good || !expect_end()) {
            return false;
        }
    }
}

// type filter hook prerouting priority mangle
bool TableReader::base(Chain& chain) {
    nft::Base base;
    if (cursor_.accept("nat")) {
        base.type = BaseType::nat;
    } else if (!cursor_.expect("filter")) {
        return false;
    }
    if (!cursor_.expect("hook")) {
        return false;
    }
    constexpr HookPoint hooks[] = {HookPoint::prerouting, HookPoint::input, HookPoint::forward,
                                   HookPoint::output, HookPoint::postrouting};
    const auto* hook = std::find_if(std::begin(hooks), std::end(hooks),
                                    [&](HookPoint one) { return cursor_.at(nft::hook_text(one)); });
    if (hook == std::end(hooks)) {
        return cursor_.not_understood();
    }
    cursor_.next();
    base.hook = *hook;
    if (!cursor_.expect("priority") || !priority(base.priority)) {
        return false;
    }
    chain.base = base;
    return true;
}

bool TableReader::priority(std::int32_t& value) {
    constexpr std::uint64_t farthest = 0x7fffffff;
    const auto* known = std::find_if(std::begin(priorities), std::end(priorities),
                                     [&](const Priority& one) { return cursor_.at(one.name); });
    value = 0;
    if (known != std::end(priorities)) {
        cursor_.next();
        value = known->value;
    }
    const bool minus = cursor_.accept("-");
    if (known != std::end(priorities) && !minus && !cursor_.accept("+")) {
        return true;
    }
    const auto number = values_.number(farthest / 2);
    value += minus ? -static_cast<std::int32_t>(number.value_or(0))
                   : static_cast<std::int32_t>(number.value_or(0));
    return number.has_value();
}

bool TableReader::policy(Chain& chain) {
    if (!chain.base) {
        return cursor_.fail("a policy without a hook");
    }
    chain.drops = cursor_.accept("drop");
    return chain.drops || cursor_.expect("accept");
}

// nft refuses a jump to where there is no chain, and one to a base chain.
std::optional<Error> check_targets(const Table& table) {
    std::unordered_map<std::string_view, bool> regular;
    for (const Chain& chain : table.chains) {
        regular[chain.name] = !chain.base;
    }
    std::optional<Error> error;
    const auto check = [&](const nft::Decide& decide, const Rule& rule) {
        if (decide.verdict != nft::Verdict::jump && decide.verdict != nft::Verdict::go_to) {
            return;
        }
        const auto found = regular.find(decide.chain);
        if (!error && (found == regular.end() || !found->second)) {
            error = Error{Code::usage, "line " + std::to_string(rule.line), -1,
                          decide.chain + ": there is no chain of this name to jump to", ""};
        }
    };
    for (const Chain& chain : table.chains) {
        for (const Rule& rule : chain.rules) {
            for (const Statement& statement : rule.statements) {
                if (const auto* map = std::get_if<ByMap>(&statement)) {
                    for (const Element& element : map->elements) {
                        check(element.verdict, rule);
                    }
                } else if (const auto* expression = std::get_if<nft::Expr>(&statement)) {
                    const auto* decide = std::get_if<nft::Decide>(expression);
                    if (decide != nullptr) {
                        check(*decide, rule);
                    }
                }
            }
        }
    }
    return error;
}

}  // namespace

Result<Table> read_table(std::string_view text, const Names* names) {
    return TableReader(text, names).read();
}

}  // namespace fw::translate
