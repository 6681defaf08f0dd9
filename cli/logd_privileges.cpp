#include "logd_privileges.h"

#include <fcntl.h>
#include <grp.h>
#include <linux/capability.h>
#include <pwd.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace logd {
namespace {

constexpr const char* default_user = "nobody";

fw::Error failed(const std::string& word, const char* what) {
    return {fw::Code::system, word, -1, std::string(what) + ": " + std::strerror(errno), ""};
}

}  // namespace

fw::Result<std::optional<User>> find_user(const std::optional<std::string>& wanted) {
    if (geteuid() != 0) {
        if (wanted) {
            return fw::Error{fw::Code::permission, "--user", -1,
                             "only root can become another user", "leave it away"};
        }
        return std::optional<User>();
    }
    const std::string name = wanted.value_or(default_user);
    const passwd* entry = getpwnam(name.c_str());
    if (entry == nullptr) {
        return fw::Error{fw::Code::unresolved, name, -1, "there is no such user",
                         "name one with --user"};
    }
    return std::optional(User{name, entry->pw_uid, entry->pw_gid});
}

fw::Status provide_file(const std::string& path, const User& user) {
    const int fd = open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0640);
    if (fd < 0) {
        return errno == EEXIST ? fw::Status(fw::Done{}) : failed(path, "can't be made");
    }
    const bool given = fchown(fd, user.uid, user.gid) == 0;
    const fw::Status status = given ? fw::Status(fw::Done{}) : failed(path, "can't be given away");
    close(fd);
    return status;
}

fw::Status drop_privileges(const std::optional<User>& user) {
    if (user && (setgroups(0, nullptr) != 0 || setresgid(user->gid, user->gid, user->gid) != 0 ||
                 setresuid(user->uid, user->uid, user->uid) != 0)) {
        return failed(user->name, "can't become this user");
    }
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    const __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    if (syscall(SYS_capset, &header, none) != 0 || prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0) {
        return failed("", "can't give up privileges");
    }
    return fw::Done{};
}

}  // namespace logd
