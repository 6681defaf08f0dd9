#include "place.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstring>

namespace sandbox {

namespace {

// A file that is closed when it goes out of scope.
class Open {
public:
    explicit Open(int file) : file_(file) {}
    Open(const Open&) = delete;
    Open& operator=(const Open&) = delete;
    ~Open() {
        if (file_ >= 0) {
            close(file_);
        }
    }
    [[nodiscard]] int get() const { return file_; }
    [[nodiscard]] bool ok() const { return file_ >= 0; }

private:
    int file_;
};

int open_tree(const char* path, unsigned flags) {
    return static_cast<int>(syscall(SYS_open_tree, AT_FDCWD, path,
                                    OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | AT_RECURSIVE | flags));
}

int set_attributes(int tree, const char* path, unsigned flags, std::uint64_t attributes) {
    mount_attr wanted{};
    wanted.attr_set = attributes;
    return static_cast<int>(
        syscall(SYS_mount_setattr, tree, path, AT_RECURSIVE | flags, &wanted, sizeof wanted));
}

bool write_all(int file, std::string_view text) {
    while (!text.empty()) {
        const ssize_t count = write(file, text.data(), text.size());
        if (count < 0 && errno == EINTR) {
            continue;
        }
        if (count <= 0) {
            return false;
        }
        text.remove_prefix(static_cast<std::size_t>(count));
    }
    return true;
}

void copy_file(const std::string& from, const std::string& to, unsigned mode, std::size_t& room) {
    const Open in(open(from.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    const Open out(in.ok() ? open(to.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode & 0777)
                           : -1);
    if (out.ok()) {
        const std::string text = contents(in.get(), room);
        room -= text.size();
        if (!write_all(out.get(), text)) {
            unlink(to.c_str());
        }
    }
}

}  // namespace

fw::Error failed(const std::string& word, const char* what) {
    return {fw::Code::system, word, -1, std::string(what) + ": " + std::strerror(errno), ""};
}

std::string contents(const std::string& path, std::size_t most) {
    const Open file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
    return file.ok() ? contents(file.get(), most) : std::string();
}

fw::Status write_file(const std::string& path, std::string_view text, unsigned mode) {
    if (const fw::Status made = make_folders(path.substr(0, path.rfind('/'))); !made) {
        return made;
    }
    const Open file(open(path.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode));
    const bool done = file.ok() && write_all(file.get(), text);
    return done ? fw::Status(fw::Done{}) : failed(path, "can't be written");
}

fw::Status make_folders(const std::string& path) {
    for (std::size_t end = path.find('/', 1); !path.empty(); end = path.find('/', end + 1)) {
        if (mkdir(path.substr(0, end).c_str(), 0755) != 0 && errno != EEXIST) {
            return failed(path, "can't be made");
        }
        if (end == path.npos) {
            break;
        }
    }
    return fw::Done{};
}

std::vector<std::string> names_in(const std::string& folder) {
    std::vector<std::string> names;
    DIR* open_folder = opendir(folder.c_str());
    while (const dirent* entry = open_folder == nullptr ? nullptr : readdir(open_folder)) {
        const std::string_view name = entry->d_name;
        if (name != "." && name != "..") {
            names.emplace_back(name);
        }
    }
    if (open_folder != nullptr) {
        closedir(open_folder);
    }
    std::sort(names.begin(), names.end());
    return names;
}

bool exists(const std::string& path) {
    struct stat about {};
    return lstat(path.c_str(), &about) == 0;
}

bool is_link(const std::string& path) {
    struct stat about {};
    return lstat(path.c_str(), &about) == 0 && S_ISLNK(about.st_mode);
}

bool is_folder(const std::string& path) {
    struct stat about {};
    return lstat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode);
}

std::string link_target(const std::string& path) {
    char target[PATH_MAX];
    const ssize_t length = readlink(path.c_str(), target, sizeof target);
    return length < 0 ? std::string() : std::string(target, static_cast<std::size_t>(length));
}

void copy_tree(const std::string& from, const std::string& to, std::size_t& room) {
    constexpr std::size_t room_of_an_entry = 512;
    mkdir(to.c_str(), 0755);
    for (const std::string& name : names_in(from)) {
        if (room < room_of_an_entry) {
            return;
        }
        room -= room_of_an_entry;
        const std::string source = from + "/" + name;
        const std::string copy = to + "/" + name;
        struct stat about {};
        if (lstat(source.c_str(), &about) != 0) {
            continue;
        }
        if (S_ISLNK(about.st_mode)) {
            unlink(copy.c_str());
            (void)!symlink(link_target(source).c_str(), copy.c_str());
        } else if (S_ISDIR(about.st_mode)) {
            copy_tree(source, copy, room);
        } else if (S_ISREG(about.st_mode) && static_cast<std::size_t>(about.st_size) < room) {
            copy_file(source, copy, about.st_mode, room);
        }
    }
}

fw::Status mount_memory(const std::string& at, const char* size, unsigned mode) {
    char options[64];
    std::snprintf(options, sizeof options, "size=%s,nr_inodes=40k,mode=%o", size, mode);
    const bool done = mount("memory", at.c_str(), "tmpfs", MS_NOSUID | MS_NODEV, options) == 0;
    return done ? fw::Status(fw::Done{}) : failed(at, "can't be mounted in memory");
}

fw::Result<int> tree_of(const std::string& path) {
    const int tree = open_tree(path.c_str(), AT_SYMLINK_NOFOLLOW);
    return tree >= 0 ? fw::Result<int>(tree) : failed(path, "can't be shown elsewhere");
}

fw::Status bind(const std::string& from, const std::string& at) {
    const fw::Result<int> tree = tree_of(from);
    if (!tree) {
        return tree.error();
    }
    const Open open_tree(*tree);
    return put_tree(*tree, at);
}

fw::Result<int> machine_tree() {
    const int tree = open_tree("/", 0);
    if (tree < 0 || set_attributes(tree, "", AT_EMPTY_PATH,
                                   MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV) != 0) {
        return failed("/", "can't be shown read only");
    }
    return tree;
}

fw::Status put_tree(int tree, const std::string& at) {
    const bool done =
        syscall(SYS_move_mount, tree, "", AT_FDCWD, at.c_str(), MOVE_MOUNT_F_EMPTY_PATH) == 0;
    return done ? fw::Status(fw::Done{}) : failed(at, "can't be mounted on");
}

fw::Status make_read_only(const std::string& at) {
    const bool done = set_attributes(AT_FDCWD, at.c_str(), 0, MOUNT_ATTR_RDONLY) == 0;
    return done ? fw::Status(fw::Done{}) : failed(at, "can't be made read only");
}

fw::Status enter_root(const std::string& at) {
    const bool done = chdir(at.c_str()) == 0 && syscall(SYS_pivot_root, ".", ".") == 0 &&
                      umount2(".", MNT_DETACH) == 0 && chdir("/") == 0;
    return done ? fw::Status(fw::Done{}) : failed(at, "can't become the root");
}

}  // namespace sandbox
