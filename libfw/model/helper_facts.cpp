#include "fw/forward.h"

namespace fw {

std::optional<HelperFacts> helper_facts(std::string_view name) {
    // The usual ports: those of the modules of Linux 2.2, and IANA's.
    if (name == "ftp") {
        return HelperFacts{"ftp", protocol_tcp, {21}};
    }
    if (name == "irc") {
        return HelperFacts{"irc", protocol_tcp, {6667}};
    }
    if (name == "pptp") {
        return HelperFacts{"pptp", protocol_tcp, {1723}};
    }
    if (name == "h323") {
        return HelperFacts{"h323", protocol_tcp, {1720}};
    }
    return std::nullopt;
}

}  // namespace fw
