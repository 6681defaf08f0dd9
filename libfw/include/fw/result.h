// Errors as values. Every fallible function of the library returns Result<T>: either a T or an
// Error that a front end can turn into one line. Nothing in the library throws across its border,
// prints, or exits.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <variant>

namespace [[gnu::visibility("default")]] fw {

// Which kind of failure; a front end maps it to its own exit status.
enum class Code {
    usage,        // the command line is wrong (ipchains: exit status 2)
    refused,      // a good command that this ruleset does not allow (ipchains: exit status 1)
    unresolved,   // a name that nothing on this machine knows (ipchains: exit status 2)
    permission,   // needs root (CAP_NET_ADMIN)
    unsupported,  // this kernel lacks something that the command needs
    damaged,      // our table is not as we left it
    busy,         // other programs kept changing the tables
    system,       // any other failure of the machine: memory, files, sockets
};

// What went wrong, in parts: `word` is the offending word as typed (may be empty), `position` its
// index in the command line (0 is the first word behind the program's name, -1 if none),
// `problem` says what is wrong with it, `remedy` what to do (may be empty).
// Neither has a newline nor a full stop at its end.
struct Error {
    Code code = Code::system;
    std::string word;
    int position = -1;
    std::string problem;
    std::string remedy;
};

// Either a value or an Error. Ask `ok()` (or test it as a bool) before you dereference.
template <typename T>
class [[nodiscard]] Result {
public:
    Result(T value) : state_(std::in_place_index<0>, std::move(value)) {}
    Result(Error error) : state_(std::in_place_index<1>, std::move(error)) {}

    [[nodiscard]] bool ok() const { return state_.index() == 0; }
    explicit operator bool() const { return ok(); }

    [[nodiscard]] T& operator*() & { return *std::get_if<0>(&state_); }
    [[nodiscard]] const T& operator*() const& { return *std::get_if<0>(&state_); }
    [[nodiscard]] T&& operator*() && { return std::move(*std::get_if<0>(&state_)); }
    [[nodiscard]] T* operator->() { return std::get_if<0>(&state_); }
    [[nodiscard]] const T* operator->() const { return std::get_if<0>(&state_); }

    [[nodiscard]] Error& error() { return *std::get_if<1>(&state_); }
    [[nodiscard]] const Error& error() const { return *std::get_if<1>(&state_); }

private:
    std::variant<T, Error> state_;
};

// The value of a function that can fail and has nothing else to say.
struct Done {};
using Status = Result<Done>;

}  // namespace fw
