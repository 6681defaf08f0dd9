// Small steps of the way from what `compile` makes to a table of its user's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "fw/translate.h"
#include "translate/table.h"

namespace fw::translate {

[[nodiscard]] Rule plain_rule(std::vector<nft::Expr> expressions, std::string_view comment = {});

// What holds the table of the tools together. Counts begin anew.
[[nodiscard]] Rule from_frame(nft::Rule&& rule);
[[nodiscard]] Chain from_frame(nft::Chain&& chain, std::vector<std::string> above = {});

// Neighbours that are the same for TCP and UDP made one: meta l4proto { tcp, udp } ...
[[nodiscard]] Chain merged_protocols(Chain chain);

// What the chains of compile/forwards.h are for.
[[nodiscard]] const char* words_about_forwards(std::string_view name);

// The line of the source beside a rule, if nft can keep it, or above it.
void add_source(const SourceLine& source, Rule& rule);

}  // namespace fw::translate
