// A table in the nft language that belongs to whoever loads it: what the translator makes, `text`
// writes, `read` understands, `optimize` shortens, and `evaluate` walks packets through. It is made
// of the same expressions that the tools load (nft/ir.h) and, beside them, of what only a careful
// writer uses: anonymous sets, and verdict maps.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "fw/ruleset.h"
#include "nft/ir.h"

namespace fw::translate {

// One value, or an inclusive range of them, of a field; or the name of an interface (or, with
// `prefix`, how it begins).
struct Value {
    std::uint32_t first = 0;
    std::uint32_t last = 0;
    std::string interface = {};
    bool prefix = false;
    bool operator==(const Value&) const = default;
};

// What one field, or several side by side (ip saddr . tcp dport), are compared with.
struct Element {
    std::vector<Value> values;             // one for each field of the key
    std::optional<Counters> counter = {};  // an element can count by itself
    nft::Decide verdict = {};              // of maps only
    std::string comment = {};              // of elements: the line that it came from
    bool operator==(const Element&) const = default;
};

// tcp dport { 22, 80-90 }      tcp dport != { 22, 80-90 }      iifname { "eth0", "ppp*" }
struct InSet {
    std::vector<nft::Field> key;
    bool inverted = false;
    std::vector<Element> elements;
    bool operator==(const InSet&) const = default;
};

// tcp dport vmap { 22 : accept, 80-90 : drop }; with a name, vmap @NAME, the map being declared in
// the table (nft 1.0.6 gives counters to the elements of named maps only).
struct ByMap {
    std::vector<nft::Field> key;
    std::string name = {};
    std::vector<Element> elements;
    bool operator==(const ByMap&) const = default;
};

using Statement = std::variant<nft::Expr, InSet, ByMap>;

struct Rule {
    std::vector<Statement> statements;
    std::string comment = {};             // comment "..." beside it; at most 128 bytes, no quotes
    std::vector<std::string> above = {};  // lines of their own above it, behind a #
    bool named_ports = false;             // write ports by name: the source did
    bool named_protocol = false;          // likewise the protocol
    std::uint32_t line = 0;               // of the source, for those who ask
};

struct Chain {
    std::string name;
    std::optional<nft::Base> base = {};
    bool drops = false;  // policy drop (of a base chain; else policy accept)
    std::vector<Rule> rules = {};
    std::vector<std::string> above = {};
};

struct Table {
    std::string name = "firewall";
    Dialect fragments = Dialect::ipchains;  // whose the set of nft/fragments.h is
    std::vector<std::string> above = {};    // what it is, for the first lines of a file
    std::vector<nft::Map> maps = {};
    std::vector<nft::HelperObject> helpers = {};
    std::vector<Chain> chains = {};
};

}  // namespace fw::translate
