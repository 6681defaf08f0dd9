// Files, folders and mounts: the few steps that a sandbox is built of. All return Code::system with
// the path as its word when they fail.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "contents.h"
#include "fw/result.h"

namespace sandbox {

[[nodiscard]] fw::Error failed(const std::string& word, const char* what);

// All of a file, up to `most` bytes; nothing if it can't be read.
[[nodiscard]] std::string contents(const std::string& path, std::size_t most);

// Makes the folders on the way to it, and the file.
fw::Status write_file(const std::string& path, std::string_view text, unsigned mode = 0644);

// The folder, and those on the way to it.
fw::Status make_folders(const std::string& path);

// Names in a folder, without . and .., in order; none if it can't be read.
[[nodiscard]] std::vector<std::string> names_in(const std::string& folder);

[[nodiscard]] bool exists(const std::string& path);
[[nodiscard]] bool is_link(const std::string& path);
[[nodiscard]] bool is_folder(const std::string& path);
[[nodiscard]] std::string link_target(const std::string& path);

// Copies files, folders and links as far as they can be read and `room` (bytes) lasts.
void copy_tree(const std::string& from, const std::string& to, std::size_t& room);

// A file system in memory.
fw::Status mount_memory(const std::string& at, const char* size, unsigned mode = 0755);

// What is at one place, with all that is mounted below it, at another as well. What is mounted
// there must be a file if `at` is one, and a folder if it is one. A link is not followed: it is
// itself what is put there, and what is covered.
fw::Status bind(const std::string& from, const std::string& at);

// What is at a place, as an open file that `put_tree` takes; all of /, read only.
[[nodiscard]] fw::Result<int> tree_of(const std::string& path);
[[nodiscard]] fw::Result<int> machine_tree();
fw::Status put_tree(int tree, const std::string& at);

// Nothing there can be written from now on.
fw::Status make_read_only(const std::string& at);

// `at` becomes /, and what was there before is gone.
fw::Status enter_root(const std::string& at);

}  // namespace sandbox
