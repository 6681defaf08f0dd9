// Shorter tables: runs of neighbouring rules that differ in little become one rule with a set, an
// interval, a prefix or a verdict map.
#pragma once

#include "translate/table.h"

namespace fw::translate {

// For every packet the verdict, the mark, the TOS bits and the log lines stay what they were.
// With `counters`, what every rule counted can still be told from the others: elements of sets and
// maps count by themselves. Without, a rule made of several counts for all of them, and one that
// looks its verdict up in a map does not count.
void optimize(Table& table, bool counters);

}  // namespace fw::translate
