#include "translate/text.h"

#include <algorithm>
#include <bit>
#include <iterator>
#include <string_view>
#include <unordered_map>
#include <utility>

#include "nft/fields.h"
#include "nft/fragments.h"
#include "nft/name.h"
#include "nft/text.h"
#include "translate/values.h"

namespace fw::translate {

namespace {

using nft::Field;

constexpr std::string_view indent = "    ";
constexpr std::string_view twice = "        ";
constexpr std::string_view thrice = "            ";
constexpr std::size_t widest = 100;     // of lines that can be broken
constexpr std::size_t usual_rule = 96;  // bytes of text

bool is_protocol(Field field) { return field == Field::ip_protocol || field == Field::l4proto; }

// Names that nft reads as the same number: it asks for a service without saying of which protocol.
class NumberNames {
public:
    explicit NumberNames(const Names& names) : names_(names) {}

    // "" if there is none.
    const std::string& service(std::uint32_t port, bool tcp) {
        const auto [entry, is_new] = services_.try_emplace(port * 2 + (tcp ? 1 : 0));
        if (is_new) {
            entry->second = look_up_service(static_cast<std::uint16_t>(port), tcp ? "tcp" : "udp");
        }
        return entry->second;
    }
    const std::string& protocol(std::uint32_t number) {
        const auto [entry, is_new] = protocols_.try_emplace(number);
        if (is_new) {
            entry->second = look_up_protocol(static_cast<std::uint16_t>(number));
        }
        return entry->second;
    }

private:
    [[nodiscard]] std::string look_up_service(std::uint16_t port, std::string_view own) const {
        const auto name = names_.service_name(port, own);
        if (!name || !nft::is_plain_word(*name)) {
            return {};
        }
        for (const char* protocol : {"tcp", "udp"}) {
            const auto number = names_.service(*name, protocol);
            if (number != port && (number || protocol == own)) {
                return {};
            }
        }
        return *name;
    }
    [[nodiscard]] std::string look_up_protocol(std::uint16_t number) const {
        const auto name = names_.protocol_name(number);
        return name && nft::is_plain_word(*name) && names_.protocol(*name) == number
                   ? *name
                   : std::string();
    }

    const Names& names_;
    std::unordered_map<std::uint32_t, std::string> services_;
    std::unordered_map<std::uint32_t, std::string> protocols_;
};

// Items between braces, broken into lines where they would be too long.
std::string braced(const std::vector<std::string>& items, std::size_t column) {
    std::string text = "{ ";
    std::size_t start = 0;  // of the line
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0 && column + text.size() - start + items[i].size() + 2 > widest) {
            text += ",\n";
            start = text.size();
            column = 0;
            text += thrice;
        } else if (i > 0) {
            text += ", ";
        }
        text += items[i];
    }
    return text + " }";
}

std::string key_text(const std::vector<Field>& key) {
    std::string text;
    for (const Field field : key) {
        text += text.empty() ? "" : " . ";
        text += nft::facts(field).text;
    }
    return text;
}

class Writer {
public:
    explicit Writer(const Names& names) : names_(names) {}

    // Until the next call.
    const std::string& rule(const Rule& rule) {
        rule_ = &rule;
        text_.clear();
        for (std::size_t i = 0; i < rule.statements.size(); ++i) {
            if (goes_without_saying(rule.statements, i)) {
                continue;
            }
            text_ += text_.empty() ? "" : " ";
            std::visit(*this, rule.statements[i]);
        }
        if (!rule.comment.empty()) {
            text_ += " comment \"" + rule.comment + "\"";
        }
        return text_;
    }

    // Between the braces of its declaration.
    std::string map(const ByMap& map) {
        static const Rule plain;
        rule_ = &plain;
        std::string text = "typeof " + key_text(map.key) + " : verdict\n";
        if (has_ranges(map)) {
            text += std::string(twice) + "flags interval\n";
        }
        const bool counts =
            std::any_of(map.elements.begin(), map.elements.end(),
                        [](const Element& element) { return element.counter.has_value(); });
        text += counts ? std::string(twice) + "counter\n" : "";
        return text + std::string(twice) +
               "elements = " + braced(items(map.key, map.elements, true), twice.size() + 11) + "\n";
    }

    void operator()(const nft::Expr& expression) {
        if (const auto* compare = std::get_if<nft::Compare>(&expression)) {
            const std::string name = name_of(compare->field, compare->value);
            if (!name.empty() && compare->op != nft::Op::ge) {
                text_ += nft::facts(compare->field).text;
                text_ += compare->op == nft::Op::ne ? " != " : " ";
                text_ += name;
                return;
            }
        }
        text_ += nft::expression_text(expression);
    }
    void operator()(const InSet& set) {
        text_ += key_text(set.key) + (set.inverted ? " != " : " ");
        text_ += braced(items(set.key, set.elements, false), twice.size() + text_.size());
    }
    void operator()(const ByMap& map) {
        text_ += key_text(map.key) + " vmap ";
        text_ += map.name.empty()
                     ? braced(items(map.key, map.elements, true), twice.size() + text_.size())
                     : "@" + map.name;
    }

private:
    // Where nft says `meta l4proto tcp` by itself.
    static bool goes_without_saying(const std::vector<Statement>& statements, std::size_t i) {
        const auto* expression = std::get_if<nft::Expr>(&statements[i]);
        const auto* compare =
            expression == nullptr ? nullptr : std::get_if<nft::Compare>(expression);
        if (compare == nullptr || compare->field != Field::l4proto || compare->op != nft::Op::eq ||
            i + 1 == statements.size()) {
            return false;
        }
        return implies_protocol(statements[i + 1]);
    }
    static bool implies_protocol(const Statement& statement) {
        const auto one_does = [](const std::vector<Field>& fields) {
            return std::any_of(fields.begin(), fields.end(), nft::implies_protocol);
        };
        if (const auto* set = std::get_if<InSet>(&statement)) {
            return one_does(set->key);
        }
        if (const auto* map = std::get_if<ByMap>(&statement)) {
            return one_does(map->key);
        }
        const auto& expression = std::get<nft::Expr>(statement);
        if (const auto* compare = std::get_if<nft::Compare>(&expression)) {
            return nft::implies_protocol(compare->field);
        }
        if (const auto* set = std::get_if<nft::InRanges>(&expression)) {
            return nft::implies_protocol(set->field);
        }
        const auto* between = std::get_if<nft::Between>(&expression);
        return between != nullptr && nft::implies_protocol(between->field);
    }

    static bool has_ranges(const ByMap& map) {
        return std::any_of(map.elements.begin(), map.elements.end(), [](const Element& element) {
            return std::any_of(element.values.begin(), element.values.end(),
                               [](const Value& v) { return v.first != v.last || v.prefix; });
        });
    }

    std::string name_of(Field field, std::uint32_t value) {
        if (rule_->named_ports && has_ports(field)) {
            return names_.service(value, field == Field::tcp_sport || field == Field::tcp_dport);
        }
        return rule_->named_protocol && is_protocol(field) && value < 256 ? names_.protocol(value)
                                                                          : std::string();
    }

    std::string value(Field field, const Value& value) {
        if (!value.interface.empty() || value.prefix) {
            return nft::interface_text(value.interface, value.prefix);
        }
        const bool address = has_addresses(field);
        if (value.first == value.last) {
            const std::string name = name_of(field, value.first);
            return name.empty() ? nft::value_text(field, value.first) : name;
        }
        const std::uint32_t bits = value.first ^ value.last;
        if (address && std::popcount(bits) == std::countr_one(bits) && (value.first & bits) == 0) {
            return nft::value_text(field, value.first) + "/" +
                   std::to_string(32 - std::popcount(bits));
        }
        return address
                   ? nft::value_text(field, value.first) + "-" + nft::value_text(field, value.last)
                   : std::to_string(value.first) + "-" + std::to_string(value.last);
    }

    std::vector<std::string> items(const std::vector<Field>& key,
                                   const std::vector<Element>& elements, bool verdicts) {
        std::vector<std::string> result;
        result.reserve(elements.size());
        for (const Element& element : elements) {
            std::string item;
            for (std::size_t i = 0; i < element.values.size(); ++i) {
                item += i == 0 ? "" : " . ";
                item += value(key[i], element.values[i]);
            }
            item += element.counter ? " counter" : "";
            item += element.comment.empty() ? "" : " comment \"" + element.comment + "\"";
            item += verdicts ? " : " + nft::expression_text(element.verdict) : "";
            result.push_back(std::move(item));
        }
        return result;
    }

    NumberNames names_;
    const Rule* rule_ = nullptr;
    std::string text_;
};

// Names for priorities (nft 1.0.6), as far as the base type and hook allow them: filter - 10.
std::string priority_text(const nft::Base& base) {
    struct Known {
        std::string_view name;
        std::int32_t value;
    };
    constexpr Known at_prerouting[] = {{"dstnat", -100}, {"mangle", -150}};
    constexpr Known at_postrouting[] = {{"srcnat", 100}};
    constexpr Known elsewhere[] = {{"filter", 0}};
    const auto near = [&](const Known& known) {
        const std::int32_t off = base.priority - known.value;
        const bool in_reach = off > -50 && off <= 50;
        const std::string distance = std::to_string(off < 0 ? -off : off);
        return !in_reach  ? std::string()
               : off == 0 ? std::string(known.name)
                          : std::string(known.name) + (off < 0 ? " - " : " + ") + distance;
    };
    std::string text;
    const auto choose = [&](const auto& names) {
        for (const Known& known : names) {
            text = text.empty() ? near(known) : text;
        }
    };
    switch (base.hook) {
        case nft::HookPoint::prerouting: choose(at_prerouting); break;
        case nft::HookPoint::postrouting: choose(at_postrouting); break;
        default: choose(elsewhere);
    }
    return text.empty() ? std::to_string(base.priority) : text;
}

std::string base_text(const Chain& chain) {
    const nft::Base& base = *chain.base;
    std::string text = base.type == nft::BaseType::nat ? "type nat hook " : "type filter hook ";
    text += nft::hook_text(base.hook);
    text += " priority " + priority_text(base);
    return text + (chain.drops ? "; policy drop;" : "; policy accept;");
}

void add_lines(const std::vector<std::string>& lines, std::string_view start, std::string& out) {
    for (const std::string& line : lines) {
        out += start;
        out += line.empty() ? "#" : "# ";
        out += line;
        out += '\n';
    }
}

bool uses_fragments(const Table& table) {
    const auto is_fragment = [](const Statement& statement) {
        const auto* expression = std::get_if<nft::Expr>(&statement);
        return expression != nullptr && std::holds_alternative<nft::IsFragment>(*expression);
    };
    for (const Chain& chain : table.chains) {
        for (const Rule& rule : chain.rules) {
            if (std::any_of(rule.statements.begin(), rule.statements.end(), is_fragment)) {
                return true;
            }
        }
    }
    return false;
}

std::size_t count_rules(const Table& table) {
    std::size_t count = 0;
    for (const Chain& chain : table.chains) {
        count += chain.rules.size();
    }
    return count;
}

std::string fragment_set(Dialect dialect) {
    std::vector<std::string> items;
    for (const nft::FragmentRange& range : nft::fragment_ranges(dialect)) {
        std::string item;
        for (std::size_t i = 0; i < range.first.size(); ++i) {
            const bool one = range.first[i] == range.last[i];
            item += i == 0 ? "" : " . ";
            item += i == 1 && one ? nft::value_text(Field::ip_protocol, range.first[i])
                                  : std::to_string(range.first[i]);
            item += one ? "" : "-" + std::to_string(range.last[i]);
        }
        items.push_back(std::move(item));
    }
    std::string text(indent);
    text += dialect == Dialect::ipfwadm
                ? "# TCP and UDP that end before ports or flags, or could rewrite them.\n"
                : "# Second and later fragments, and packets that end before ports, flags or "
                  "types.\n";
    text += std::string(indent) + "set " + std::string(nft::fragment_set_name) + " {\n";
    text += std::string(twice) + "typeof ip frag-off . ip protocol . ip hdrlength . ip length\n";
    text += std::string(twice) + "flags interval\n";
    text += std::string(twice) + "elements = " + braced(items, twice.size() + 11) + "\n";
    return text + std::string(indent) + "}\n";
}

}  // namespace

std::string table_text(const Table& table, const Names& names) {
    const std::string name = "table ip " + table.name;
    std::string text = "#!/usr/sbin/nft -f\n";
    add_lines(table.above, "", text);
    text += name + "\ndelete " + name + "\n" + name + " {";
    text += '\n';
    text.reserve(usual_rule * count_rules(table));
    bool first = true;  // one empty line between what stands there
    const auto space = [&] {
        if (!std::exchange(first, false)) {
            text += '\n';
        }
    };
    if (uses_fragments(table)) {
        space();
        text += fragment_set(table.fragments);
    }
    Writer writer(names);
    const auto declare = [&](std::string_view kind, std::string_view called,
                             const std::string& body) {
        space();
        text += indent;
        text += kind;
        text += ' ';
        text += called;
        text += " { " + body + " }\n";
    };
    for (const nft::Map& map : table.maps) {
        declare("map", map.name, nft::map_text(map));
    }
    for (const nft::HelperObject& helper : table.helpers) {
        declare("ct helper", helper.name, nft::helper_text(helper));
    }
    for (const Chain& chain : table.chains) {
        for (const Rule& rule : chain.rules) {
            for (const Statement& statement : rule.statements) {
                const auto* map = std::get_if<ByMap>(&statement);
                if (map != nullptr && !map->name.empty()) {
                    space();
                    text += std::string(indent) + "map " + map->name + " {\n" + std::string(twice) +
                            writer.map(*map) + std::string(indent) + "}\n";
                }
            }
        }
    }
    for (const Chain& chain : table.chains) {
        space();
        add_lines(chain.above, indent, text);
        text += std::string(indent) + "chain " + chain.name + " {\n";
        if (chain.base) {
            text += std::string(twice) + base_text(chain) + "\n";
        }
        for (const Rule& rule : chain.rules) {
            add_lines(rule.above, twice, text);
            text += twice;
            text += writer.rule(rule);
            text += '\n';
        }
        text += std::string(indent) + "}\n";
    }
    return text + "}\n";
}

}  // namespace fw::translate
