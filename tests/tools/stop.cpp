// Preloaded into a program: ends it before (STOP_BEFORE=N) or after (STOP_AFTER=N) the Nth message
// that it sends or receives, as if it had been killed there. The exit status is then 9.
#include <dlfcn.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>

namespace {

int calls = 0;

void stop_if(const char* variable) {
    const char* text = std::getenv(variable);
    if (text != nullptr && std::atoi(text) == calls) {
        _exit(9);
    }
}

template <typename Function, typename... Arguments>
ssize_t counted(const char* name, Arguments... arguments) {
    ++calls;
    stop_if("STOP_BEFORE");
    const ssize_t result = reinterpret_cast<Function*>(dlsym(RTLD_NEXT, name))(arguments...);
    stop_if("STOP_AFTER");
    return result;
}

}  // namespace

#define VISIBLE extern "C" [[gnu::visibility("default")]]

VISIBLE ssize_t sendto(int fd, const void* data, size_t size, int flags, const sockaddr* to,
                       socklen_t length) {
    using Function = ssize_t(int, const void*, size_t, int, const sockaddr*, socklen_t);
    return counted<Function>("sendto", fd, data, size, flags, to, length);
}

VISIBLE ssize_t sendmsg(int fd, const msghdr* message, int flags) {
    return counted<ssize_t(int, const msghdr*, int)>("sendmsg", fd, message, flags);
}

VISIBLE ssize_t recv(int fd, void* data, size_t size, int flags) {
    return counted<ssize_t(int, void*, size_t, int)>("recv", fd, data, size, flags);
}

VISIBLE ssize_t recvmsg(int fd, msghdr* message, int flags) {
    return counted<ssize_t(int, msghdr*, int)>("recvmsg", fd, message, flags);
}
