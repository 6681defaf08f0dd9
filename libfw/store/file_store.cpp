// The firewall in a file: for users without root, dry runs, and recording what a script would do.
#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <utility>

#include "compile/table.h"
#include "fw/store.h"
#include "model/apply.h"
#include "nft/text.h"
#include "store/state_text.h"

namespace fw {

namespace {

Error file_error(const std::string& path, int number) {
    const Code code = number == EACCES || number == EPERM ? Code::permission : Code::system;
    return {code, path, -1, std::strerror(number), "the state is kept in this file"};
}

class File {
public:
    explicit File(int fd) : fd_(fd) {}
    File(const File&) = delete;
    File& operator=(const File&) = delete;
    ~File() {
        if (fd_ >= 0) {
            close(fd_);
        }
    }
    [[nodiscard]] int fd() const { return fd_; }
    [[nodiscard]] bool good() const { return fd_ >= 0; }

private:
    int fd_;
};

Error not_a_file(const std::string& path, const char* problem) {
    return {Code::refused, path, -1, problem, "name a regular file, or one that is yet to be made"};
}

std::optional<std::string> real_path(const std::string& path) {
    const std::unique_ptr<char, decltype(&std::free)> real(realpath(path.c_str(), nullptr),
                                                           &std::free);
    return real ? std::optional<std::string>(real.get()) : std::nullopt;
}

// Where the file is behind all links: it is replaced as a whole, and a link to it has to stay one.
Result<std::string> resolve(const std::string& path) {
    if (std::optional<std::string> real = real_path(path)) {
        return *std::move(real);
    }
    if (errno != ENOENT) {
        return file_error(path, errno);
    }
    const std::size_t slash = path.rfind('/');
    const std::size_t name = slash == std::string::npos ? 0 : slash + 1;
    const std::optional<std::string> directory = real_path(name == 0 ? "." : path.substr(0, name));
    if (!directory) {
        return file_error(path, errno);
    }
    return *directory + "/" + path.substr(name);
}

// The mode of the file, none if there is no file. All but a regular file is refused, so that no
// device is ever opened, let alone replaced.
Result<std::optional<mode_t>> mode_of(const std::string& path) {
    struct stat status {};
    if (lstat(path.c_str(), &status) != 0) {
        return errno == ENOENT ? Result<std::optional<mode_t>>(std::nullopt)
                               : Result<std::optional<mode_t>>(file_error(path, errno));
    }
    if (S_ISLNK(status.st_mode)) {
        return not_a_file(path, "is a link that leads nowhere");
    }
    if (!S_ISREG(status.st_mode)) {
        return not_a_file(path, "is no regular file, so no firewall can be kept in it");
    }
    return std::optional<mode_t>(status.st_mode & 07777);
}

// The text of a file; none of a file that does not exist.
Result<std::string> read_all(const std::string& path) {
    const Result<std::optional<mode_t>> mode = mode_of(path);
    if (!mode) {
        return mode.error();
    }
    const File file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK));
    if (!file.good()) {
        return errno == ENOENT ? Result<std::string>(std::string())
                               : Result<std::string>(file_error(path, errno));
    }
    std::string text;
    char buffer[65536];
    for (;;) {
        const ssize_t size = read(file.fd(), buffer, sizeof buffer);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return file_error(path, errno);
        }
        if (size == 0) {
            return text;
        }
        text.append(buffer, static_cast<std::size_t>(size));
    }
}

bool write_all(int fd, const std::string& text) {
    for (std::size_t done = 0; done < text.size();) {
        const ssize_t size = write(fd, text.data() + done, text.size() - done);
        if (size < 0 && errno == EINTR) {
            continue;
        }
        if (size < 0) {
            return false;
        }
        done += static_cast<std::size_t>(size);
    }
    return true;
}

bool write_and_sync(int fd, const std::string& text, mode_t mode) {
    return write_all(fd, text) && fchmod(fd, mode) == 0 && fsync(fd) == 0;
}

// Written beside it and put in its place at once: a reader sees the old text or the new, also after
// a power cut.
Status replace_file(const std::string& path, const std::string& text) {
    const Result<std::optional<mode_t>> mode = mode_of(path);
    if (!mode) {
        return mode.error();
    }
    std::string temporary = path + ".XXXXXX";
    const File file(mkostemp(temporary.data(), O_CLOEXEC));
    if (!file.good()) {
        return file_error(path, errno);
    }
    if (!write_and_sync(file.fd(), text, mode->value_or(0600)) ||
        rename(temporary.c_str(), path.c_str()) != 0) {
        const int number = errno;
        unlink(temporary.c_str());
        return file_error(path, number);
    }
    return Done{};
}

// The rules in a file, none if it is empty or not there.
Result<std::optional<Ruleset>> read_rules(const std::string& path) {
    const Result<std::string> text = read_all(path);
    if (!text) {
        return text.error();
    }
    if (text->empty()) {
        return std::optional<Ruleset>();
    }
    Result<Ruleset> ruleset = read_state(*text);
    if (!ruleset) {
        ruleset.error().word = path;
        return ruleset.error();
    }
    return std::optional(*std::move(ruleset));
}

class FileStore final : public Store {
public:
    FileStore(std::string real_path, const Settings& settings, Dialect dialect)
        : path_(std::move(real_path)), settings_(settings), dialect_(dialect) {}

    Result<Ruleset> fetch() override {
        Result<std::optional<Ruleset>> rules = read_rules(path_);
        if (!rules) {
            return rules.error();
        }
        if (!*rules) {
            return Ruleset::empty(dialect_);
        }
        if ((*rules)->dialect != dialect_) {
            return Error{Code::refused, path_, -1,
                         "these are rules of " + std::string(dialect_name((*rules)->dialect)),
                         "name another file"};
        }
        return std::move(**rules);
    }

    Result<Ruleset> fetch_and_zero(const std::optional<std::string>& chain) override {
        Ruleset shown;
        Result<Outcome> outcome = change_with([&](Ruleset& ruleset) {
            shown = ruleset;
            return apply(ruleset, Zero{chain});
        });
        if (!outcome) {
            return outcome.error();
        }
        return shown;
    }

    Result<Outcome> commit(const Change& change) override {
        return update([&](Ruleset& ruleset) { return apply_to_copy(ruleset, change); });
    }

    Result<Outcome> update(const Edit& edit) override {
        return change_with([&](Ruleset& ruleset) {
            Result<Outcome> outcome = edit(ruleset);
            return outcome ? check(ruleset, *std::move(outcome)) : outcome;
        });
    }

    Result<std::string> script(const Change& change) override {
        Result<Ruleset> ruleset = fetch();
        if (!ruleset) {
            return ruleset.error();
        }
        if (Result<Outcome> outcome = apply(*ruleset, change); !outcome) {
            return outcome.error();
        }
        Result<nft::Table> table = compile::compile_table(*ruleset, settings_);
        if (!table) {
            return table.error();
        }
        // A file knows no handles: the whole table, in one transaction.
        const std::string name = "table ip " + std::string(table->name) + "\n";
        return name + "delete " + name + nft::table_text(*table);
    }

private:
    // What nftables could not take is refused here, too.
    Result<Outcome> check(const Ruleset& ruleset, Outcome outcome) const {
        if (Result<nft::Table> table = compile::compile_table(ruleset, settings_); !table) {
            return table.error();
        }
        return outcome;
    }

    template <typename Changer>
    Result<Outcome> change_with(Changer changer) {
        const std::string lock_path = path_ + ".lock";
        const File lock(open(lock_path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
        if (!lock.good() && errno == ELOOP) {
            return Error{Code::refused, lock_path, -1, "the lock of the state file is a link",
                         "remove it"};
        }
        if (!lock.good()) {
            return file_error(lock_path, errno);
        }
        while (flock(lock.fd(), LOCK_EX) != 0) {
            if (errno != EINTR) {
                return file_error(lock_path, errno);
            }
        }
        Result<Ruleset> ruleset = fetch();
        if (!ruleset) {
            return ruleset.error();
        }
        Result<Outcome> outcome = changer(*ruleset);
        if (outcome) {
            if (Status status = write_state_file(path_, *ruleset); !status) {
                return status.error();
            }
        }
        return outcome;
    }

    std::string path_;
    Settings settings_;
    Dialect dialect_;
};

}  // namespace

Result<std::unique_ptr<Store>> open_file_store(const std::string& path, const Settings& settings,
                                               Dialect dialect) {
    if (path.empty()) {
        return Error{Code::usage, "", -1, "the name of the state file is empty", "name a file"};
    }
    Result<std::string> real = resolve(path);
    if (!real) {
        return real.error();
    }
    return std::unique_ptr<Store>(std::make_unique<FileStore>(*std::move(real), settings, dialect));
}

Result<std::optional<Dialect>> dialect_of_file(const std::string& path) {
    const Result<std::string> real = resolve(path);
    if (!real) {
        return real.error();
    }
    const Result<std::optional<Ruleset>> rules = read_rules(*real);
    if (!rules) {
        return rules.error();
    }
    return *rules ? std::optional((*rules)->dialect) : std::nullopt;
}

Status write_state_file(const std::string& path, const Ruleset& ruleset) {
    const Result<std::string> text = write_state(ruleset);
    if (!text) {
        return text.error();
    }
    const Result<std::string> real = resolve(path);
    if (!real) {
        return real.error();
    }
    return replace_file(*real, *text);
}

}  // namespace fw
