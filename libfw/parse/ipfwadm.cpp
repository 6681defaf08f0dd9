#include "fw/parse.h"

namespace fw {

Result<Command> parse_ipfwadm(std::span<const std::string> words, const Names& names) {
    (void)words;
    (void)names;
    return Error{Code::unsupported, "", -1, "not yet", ""};
}

}  // namespace fw
