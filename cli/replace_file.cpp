#include "replace_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

namespace cli {

namespace {

fw::Error failed(const std::string& path) {
    return {fw::Code::system, path, -1, std::string("can't be written: ") + std::strerror(errno),
            ""};
}

// What a symbolic link leads to, if there is something.
std::string resolved(const std::string& path) {
    struct Freer {
        void operator()(char* text) const { std::free(text); }
    };
    const std::unique_ptr<char, Freer> real(realpath(path.c_str(), nullptr));
    return real ? std::string(real.get()) : path;
}

// errno tells why not.
bool write_all(std::FILE* file, const std::string& text) {
    return std::fwrite(text.data(), 1, text.size(), file) == text.size() && std::fflush(file) == 0;
}

fw::Status write_into(const std::string& path, const std::string& text) {
    std::FILE* file = std::fopen(path.c_str(), "we");
    if (file == nullptr) {
        return failed(path);
    }
    const bool good = write_all(file, text);
    const fw::Error error = failed(path);
    return std::fclose(file) == 0 && good ? fw::Status(fw::Done{}) : fw::Status(error);
}

mode_t usual_mode() {
    const mode_t mask = umask(0);
    umask(mask);
    return 0666 & ~mask;
}

}  // namespace

fw::Status replace_file(const std::string& path, const std::string& text) {
    const std::string target = resolved(path);
    struct stat found {};
    const bool exists = stat(target.c_str(), &found) == 0;
    if (exists && !S_ISREG(found.st_mode)) {
        return write_into(target, text);
    }
    std::string draft = target + ".XXXXXX";
    const int fd = mkstemp(draft.data());
    if (fd < 0) {
        return failed(path);
    }
    std::FILE* file = fdopen(fd, "w");
    const mode_t mode = exists ? found.st_mode & 07777 : usual_mode();
    bool good = file != nullptr && fchmod(fd, mode) == 0 && write_all(file, text) && fsync(fd) == 0;
    fw::Error error = failed(path);
    good = file != nullptr && std::fclose(file) == 0 && good;
    if (good && std::rename(draft.c_str(), target.c_str()) == 0) {
        return fw::Done{};
    }
    error = good ? failed(path) : error;
    unlink(draft.c_str());
    return error;
}

}  // namespace cli
