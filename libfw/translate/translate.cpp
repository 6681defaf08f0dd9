#include "fw/translate.h"

#include <algorithm>
#include <utility>

#include "nft/name.h"
#include "translate/clean.h"
#include "translate/examine.h"
#include "translate/optimize.h"
#include "translate/text.h"

namespace fw {

namespace {

// A name of a file may have line ends in it, behind which nft would read commands.
std::string in_one_line(std::string name) {
    std::replace_if(
        name.begin(), name.end(), [](char c) { return (c >= 0 && c < ' ') || c == '\x7f'; }, '?');
    return name;
}

Result<std::string> text_of(const Ruleset& ruleset, const TranslateOptions& options,
                            const Names& names, const std::vector<SourceLine>& sources) {
    Result<translate::Table> table = translate::clean_table(ruleset, options, sources);
    if (!table) {
        return table.error();
    }
    if (options.optimize) {
        translate::optimize(*table, options.counters);
    }
    table->above.push_back(options.from.empty()
                               ? "A firewall of " + std::string(dialect_name(ruleset.dialect)) +
                                     " rules in nft's language."
                               : "Translated from " + in_one_line(options.from) + ".");
    table->above.push_back("Loading this file again replaces the whole table in one step.");
    return translate::table_text(*table, names);
}

}  // namespace

Result<Translation> translate_ruleset(const Ruleset& ruleset, const TranslateOptions& options,
                                      const Names& names, const std::vector<SourceLine>& sources) {
    if (!nft::is_plain_word(options.table)) {
        return Error{Code::usage, options.table, -1, "this can't be the name of a table",
                     "use letters, digits, '-' and '_', and no word of nft's own"};
    }
    Result<std::string> text = text_of(ruleset, options, names, sources);
    if (!text) {
        return text.error();
    }
    return Translation{std::move(*text), translate::examine(ruleset, sources)};
}

}  // namespace fw
