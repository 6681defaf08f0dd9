// Listening to packets needs CAP_NET_ADMIN to begin, and nothing to go on.
#pragma once

#include <sys/types.h>

#include <optional>
#include <string>

#include "fw/result.h"

namespace logd {

struct User {
    std::string name;
    uid_t uid = 0;
    gid_t gid = 0;
};

// Whom to become: `wanted`, or nobody. Nothing if this is not root, who can't become anybody; then
// it is an error to want to (Code::permission).
[[nodiscard]] fw::Result<std::optional<User>> find_user(const std::optional<std::string>& wanted);

// An empty file that belongs to the user, if there is none of the path; what exists stays as it is.
[[nodiscard]] fw::Status provide_file(const std::string& path, const User& user);

// Becomes the user, if there is one, and gives up all capabilities, for good.
[[nodiscard]] fw::Status drop_privileges(const std::optional<User>& user);

}  // namespace logd
