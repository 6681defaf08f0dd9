// Walking netlink attributes (libmnl's own loops are macros of C).
#pragma once

#include <libmnl/libmnl.h>

#include <cstdint>

namespace fw::netlink {

// Calls `visit` with each of the attributes that lie in `size` bytes from `data` on.
template <typename Visit>
void for_each_attribute(const void* data, std::size_t size, Visit visit) {
    const auto* attribute = static_cast<const nlattr*>(data);
    const auto* end = static_cast<const std::uint8_t*>(data) + size;
    const auto left = [&] { return end - reinterpret_cast<const std::uint8_t*>(attribute); };
    while (left() > 0 && mnl_attr_ok(attribute, static_cast<int>(left()))) {
        visit(attribute);
        attribute = mnl_attr_next(attribute);
    }
}

// Those of a message, behind `header` bytes of its payload.
template <typename Visit>
void for_each_attribute(const nlmsghdr& message, std::size_t header, Visit visit) {
    const std::size_t skip = MNL_ALIGN(header);
    const std::size_t size = mnl_nlmsg_get_payload_len(&message);
    if (size > skip) {
        for_each_attribute(static_cast<const std::uint8_t*>(mnl_nlmsg_get_payload(&message)) + skip,
                           size - skip, visit);
    }
}

// Those nested in an attribute.
template <typename Visit>
void for_each_nested(const nlattr* attribute, Visit visit) {
    for_each_attribute(mnl_attr_get_payload(attribute), mnl_attr_get_payload_len(attribute), visit);
}

}  // namespace fw::netlink
