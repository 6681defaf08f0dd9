#include "observe.h"

#include <net/if.h>
#include <net/route.h>
#include <sys/inotify.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>

#include "address_text.h"
#include "devices.h"
#include "place.h"
#include "proc.h"
#include "programs.h"

namespace sandbox {

namespace {

using Texts = std::vector<std::string>;

constexpr std::size_t most_files = 20000;  // that are looked at

std::string network_text(std::uint32_t address, std::uint32_t mask) {
    return address_text(address) + "/" + std::to_string(prefix_of(mask));
}

Texts addresses() {
    Texts texts;
    for (const Devices::Device& device : Devices().all()) {
        const std::string at =
            device.address ? network_text(*device.address, device.mask) : "without an address";
        texts.push_back(device.name + " " + at + ((device.flags & IFF_UP) == 0 ? ", down" : ""));
    }
    std::sort(texts.begin(), texts.end());
    return texts;
}

Texts routes() {
    Texts texts;
    for (const Devices::Route& route : Devices::routes()) {
        std::string text = network_text(route.network, route.mask);
        if ((route.flags & RTF_GATEWAY) != 0) {
            text += " via " + address_text(route.gateway);
        }
        text += (route.flags & RTF_REJECT) != 0 ? " refused" : " dev " + route.device;
        texts.push_back(text);
    }
    std::sort(texts.begin(), texts.end());
    return texts;
}

// Files on the same file system, which is the one in memory.
void put_files(const std::string& folder, dev_t device, Observed& observed) {
    for (const std::string& name : names_in(folder.empty() ? "/" : folder)) {
        const std::string path = folder + "/" + name;
        struct stat about {};
        if (lstat(path.c_str(), &about) != 0 || about.st_dev != device || path == own_folder ||
            observed.files.size() == most_files) {
            continue;
        }
        if (S_ISDIR(about.st_mode)) {
            put_files(path, device, observed);
        } else {
            const std::string state = std::to_string(about.st_ino) + " " +
                                      std::to_string(about.st_ctim.tv_sec) + " " +
                                      std::to_string(about.st_ctim.tv_nsec);
            observed.files.emplace_back(path, state);
        }
    }
}

// What is in one list and not in the other. Both are in order.
template <typename List>
List beyond(const List& these, const List& those) {
    List rest;
    std::set_difference(these.begin(), these.end(), those.begin(), those.end(),
                        std::back_inserter(rest));
    return rest;
}

void put_changed_files(const Observed& before, const Observed& after,
                       std::vector<Record>& records) {
    Texts now;
    for (const auto& [path, state] : after.files) {
        now.push_back(path);
    }
    std::sort(now.begin(), now.end());
    for (const auto& [path, state] : beyond(after.files, before.files)) {
        records.push_back({"file", path});
    }
    for (const auto& [path, state] : before.files) {
        if (!std::binary_search(now.begin(), now.end(), path)) {
            records.push_back({"file", "-" + path});
        }
    }
}

constexpr unsigned deepest_settings = 8;

}  // namespace

SettingsWatch::SettingsWatch() : file_(inotify_init1(IN_NONBLOCK | IN_CLOEXEC)) {
    watch(real_settings(), "net", 0);
    watch("/proc/sys/net/ipv4", "net/ipv4", deepest_settings);  // for those that are files of ours
}

SettingsWatch::~SettingsWatch() { close(file_); }

void SettingsWatch::watch(const std::string& folder, const std::string& name, unsigned depth) {
    folders_[inotify_add_watch(file_, folder.c_str(), IN_MODIFY)] = name;
    for (const std::string& entry : names_in(folder)) {
        const std::string path = folder + "/" + entry;
        struct stat about {};
        if (depth < deepest_settings && stat(path.c_str(), &about) == 0 && S_ISDIR(about.st_mode)) {
            watch(path, name + "/" + entry, depth + 1);
        }
    }
}

void SettingsWatch::look() {
    alignas(inotify_event) char buffer[16384];
    for (ssize_t length = 0; (length = read(file_, buffer, sizeof buffer)) > 0;) {
        for (const char* at = buffer; at < buffer + length;) {
            const auto* event = reinterpret_cast<const inotify_event*>(at);
            const auto folder = folders_.find(event->wd);
            if (folder != folders_.end() && event->len != 0) {
                written_.insert(folder->second + "/" + event->name);
            }
            at += sizeof *event + event->len;
        }
    }
}

Observed observe() {
    Observed observed{addresses(), routes(), {}};
    struct stat about {};
    if (stat("/", &about) == 0) {
        put_files("", about.st_dev, observed);
    }
    std::sort(observed.files.begin(), observed.files.end());
    return observed;
}

std::vector<Record> changes(const Observed& before, const Observed& after) {
    std::vector<Record> records;
    for (const std::string& text : beyond(after.addresses, before.addresses)) {
        records.push_back({"address", text});
    }
    for (const std::string& text : beyond(after.routes, before.routes)) {
        records.push_back({"route", text});
    }
    put_changed_files(before, after, records);
    return records;
}

std::vector<Record> written_settings(const SettingsWatch& watch, const Inside& inside) {
    std::vector<Record> records;
    for (const std::string& name : watch.written()) {
        constexpr std::size_t longest = 4096;
        std::string value = contents("/proc/sys/" + name, longest);
        value.erase(value.find_last_not_of(" \t\n") + 1);
        std::replace(value.begin(), value.end(), '\t', ' ');
        records.push_back({"setting", name, value, is_known(name, inside) ? "1" : "0"});
    }
    return records;
}

}  // namespace sandbox
