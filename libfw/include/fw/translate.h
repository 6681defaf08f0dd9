// From old rules to a table in the nft language that is its user's from then on.
//
//     fw::Result<fw::Translation> made = fw::translate_ruleset(ruleset, {}, *names);
//     if (made) {
//         std::fputs(made->text.c_str(), stdout);  // for nft -f
//     }
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "fw/names.h"
#include "fw/result.h"
#include "fw/ruleset.h"

namespace [[gnu::visibility("default")]] fw {

// A line of the source: rules know its number (Rule::line), this knows the rest.
struct SourceLine {
    std::string text;             // as it stood there
    std::string file;             // may be empty
    std::uint32_t line = 0;       // in the file, from 1
    bool named_ports = false;     // ports were given by name
    bool named_protocol = false;  // likewise the protocol
};

struct TranslateOptions {
    bool comments = false;           // the source's line beside each rule
    bool optimize = false;           // merge runs of rules into sets, intervals and verdict maps
    bool counters = false;           // with optimize: every rule's counter stays
    std::string table = "firewall";  // its name
    std::string from;                // what was translated, for the first line of the text
};

// Something to know about the source: rules that can never match, chains that nothing reaches,
// rules behind one that matches all that they do.
struct Remark {
    std::uint32_t line = 0;  // index into the sources plus one, as Rule::line; 0: of none
    std::string text;        // one sentence without a full stop
};

struct Translation {
    std::string text;  // an nft script, loads with `nft -f` (nft 1.0.6)
    std::vector<Remark> remarks;
};

// `sources`: Rule::line of a rule is the number of its entry, from 1; 0 is none.
// Errors: Code::unsupported for what nft can't express.
[[nodiscard]] Result<Translation> translate_ruleset(const Ruleset& ruleset,
                                                    const TranslateOptions& options,
                                                    const Names& names,
                                                    const std::vector<SourceLine>& sources = {});

struct Verification {
    std::uint64_t packets = 0;  // compared
    std::vector<std::string>
        differences;              // one line each: packet, chain, both decisions; at most 20
    std::uint64_t different = 0;  // packets
};

// Reads the text as nft would and compares what it decides with what the ruleset decides, for
// packets on both sides of every rule's borders and where two rules overlap.
// Errors: Code::usage, the word "line N", for a text that is not understood.
[[nodiscard]] Result<Verification> verify_translation(const Ruleset& ruleset,
                                                      std::string_view nft_text);

}  // namespace fw
