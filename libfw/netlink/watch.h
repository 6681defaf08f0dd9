// What other programs do to nf_tables while we read and plan, by the kernel's notices. The kernel
// has one generation for all tables of a network namespace; where other tables change all the time,
// it tells nothing about ours. The notices do: a table that was read stands as long as none of them
// is about it, and a batch may carry the generation of the last one.
//
//     watch.restart();  read the table;  if (watch.undisturbed()) send(batch, watch.generation());
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "fw/result.h"
#include "netlink/session.h"

namespace fw::netlink {

class Watch {
public:
    // Only costs where it is needed: commands open one when they were disturbed.
    [[nodiscard]] static Result<Watch> open(std::string_view table);

    // Forgets what was; from now on disturbances count.
    [[nodiscard]] Status restart();

    // Takes in all notices up to that of `generation` at least (nothing: those that are there).
    // False if our table changed since the last restart, or may have.
    [[nodiscard]] Result<bool> undisturbed(std::optional<std::uint32_t> generation = {});

    // Of the last change that was noticed.
    [[nodiscard]] std::uint32_t generation() const { return generation_; }

private:
    explicit Watch(Session session) : session_(std::move(session)) {}

    Session session_;
    std::uint32_t generation_ = 0;
    bool disturbed_ = false;
};

}  // namespace fw::netlink
