// What passes between the processes of a sandbox: records, each a list of texts. The recorder
// appends them to a file, process 1 of the sandbox writes them into a pipe.
//
//     length of what follows | number of texts | length, bytes | length, bytes ...
//
// Lengths are 32 bits in the machine's byte order. A script can write what it likes into the file:
// whoever reads takes nothing for granted.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sandbox {

using Record = std::vector<std::string>;

[[nodiscard]] std::string encode(const Record& record);

// All records up to the first that is damaged or not whole, and whether there was none such.
struct Decoded {
    std::vector<Record> records;
    bool whole = true;
};
[[nodiscard]] Decoded decode(std::string_view bytes);

// Records that the recorder writes, by their first text:
//     begin  id program file line folder input word...
//     end    id status
// `id` tells commands that run at the same time apart; `program` is the name as it was called.
inline constexpr const char* begin_record = "begin";
inline constexpr const char* end_record = "end";

}  // namespace sandbox
