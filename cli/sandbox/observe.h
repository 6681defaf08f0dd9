// What a script leaves behind in its sandbox: looked at before and after.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "inside.h"
#include "records.h"

namespace sandbox {

// Notices which settings are written, be it with what they were already: whether they are to be set
// is then not up to the machine that the translation was made on.
class SettingsWatch {
public:
    SettingsWatch();
    ~SettingsWatch();
    SettingsWatch(const SettingsWatch&) = delete;
    SettingsWatch& operator=(const SettingsWatch&) = delete;

    // To be called now and then, and at the end: the kernel remembers some thousands.
    void look();

    // Names as in Settings; to be asked after the last look.
    [[nodiscard]] const std::set<std::string>& written() const { return written_; }

private:
    void watch(const std::string& folder, const std::string& name, unsigned depth);

    int file_;
    std::map<int, std::string> folders_;
    std::set<std::string> written_;
};

struct Observed {
    std::vector<std::string> addresses;
    std::vector<std::string> routes;
    std::vector<std::pair<std::string, std::string>> files;  // path, and how to tell a change
};

[[nodiscard]] Observed observe();

// Records as in inside.h, of what is new.
[[nodiscard]] std::vector<Record> changes(const Observed& before, const Observed& after);

// Likewise of the settings, with the values that they have now.
[[nodiscard]] std::vector<Record> written_settings(const SettingsWatch& watch,
                                                   const Inside& inside);

}  // namespace sandbox
