#include "model/apply_forwards.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "model/forward_limits.h"

namespace fw {

namespace {

Error no_such_entry() {
    return {Code::refused, "", -1, "no such entry", "the listing shows those there are"};
}

// Without what an entry takes over from a later one that is the same otherwise.
Forward essence(Forward forward) {
    if (auto* port = std::get_if<PortForward>(&forward)) {
        port->preference = 0;
    } else if (auto* mark = std::get_if<MarkForward>(&forward)) {
        mark->preference = 0;
    } else if (auto* range = std::get_if<RangeForward>(&forward)) {
        if (auto* control = std::get_if<RangeForward::Control>(&range->inner)) {
            control->timed = true;
        }
    } else if (auto* helper = std::get_if<Helper>(&forward)) {
        helper->ports.clear();
    }
    return forward;
}

// Leaves out of `forward` what `like` leaves open.
struct Opened {
    Forward& forward;

    void operator()(const PortForward& like) const {
        auto* port = std::get_if<PortForward>(&forward);
        if (port != nullptr && like.inner == Address{}) {
            port->inner = {};
            port->inner_port = like.inner_port;
        }
    }
    void operator()(const MarkForward& like) const {
        auto* mark = std::get_if<MarkForward>(&forward);
        if (mark != nullptr && like.inner == Address{}) {
            mark->inner = {};
        }
        if (mark != nullptr && like.inner_port == 0) {
            mark->inner_port = 0;
        }
    }
    void operator()(const RangeForward& like) const {
        auto* range = std::get_if<RangeForward>(&forward);
        if (range != nullptr && like.inner == decltype(like.inner)(Address{})) {
            range->inner = Address{};
            range->any_peer = like.any_peer;
        }
        const auto* any = std::get_if<RangeForward::Control>(&like.inner);
        auto* control =
            range == nullptr ? nullptr : std::get_if<RangeForward::Control>(&range->inner);
        if (any != nullptr && any->port == 0 && control != nullptr) {
            control->port = 0;
        }
    }
    void operator()(const ProtocolForward&) const {}
    void operator()(const Helper&) const {}
};

bool agrees(const Forward& forward, const Forward& like) {
    Forward rest = essence(forward);
    std::visit(Opened{rest}, like);
    return rest == essence(like);
}

}  // namespace

Status apply_forwards(Ruleset& copy, const AddForward& add) {
    if (!within_limits(add.forward)) {
        return Error{Code::refused, "", -1, "a number or an address is out of its range",
                     "ports are 1 to 65535, and so are preferences; a mark is not 0"};
    }
    std::vector<ForwardEntry>& all = copy.forwards;
    const Forward wanted = essence(add.forward);
    for (ForwardEntry& entry : all) {
        if (essence(entry.what) == wanted) {
            entry.what = add.forward;
            return Done{};
        }
    }
    if (add.only_if_there) {
        return no_such_entry();
    }
    const auto place = std::find_if(all.begin(), all.end(), [&](const ForwardEntry& entry) {
        return rank_of(entry.what) > rank_of(add.forward);
    });
    all.insert(place, ForwardEntry{add.forward, {}});
    return Done{};
}

Status apply_forwards(Ruleset& copy, const DeleteForwards& del) {
    const std::size_t gone = std::erase_if(copy.forwards, [&](const ForwardEntry& entry) {
        return agrees(entry.what, del.like);
    });
    if (gone == 0) {
        return no_such_entry();
    }
    return Done{};
}

Status apply_forwards(Ruleset& copy, const ReplaceForwards& replace) {
    const auto stays = [&](const ForwardEntry& entry) {
        return std::any_of(replace.forwards.begin(), replace.forwards.end(),
                           [&](const Forward& forward) {
                               return essence(forward) == essence(entry.what);
                           });
    };
    std::erase_if(copy.forwards, [&](const ForwardEntry& entry) {
        return agrees(entry.what, replace.like) && !stays(entry);
    });
    for (const Forward& forward : replace.forwards) {
        if (Status status = apply_forwards(copy, AddForward{forward, false}); !status) {
            return status;
        }
    }
    return Done{};
}

Status apply_forwards(Ruleset& copy, const FlushForwards& flush) {
    std::erase_if(copy.forwards,
                  [&](const ForwardEntry& entry) { return kind_of(entry.what) == flush.kind; });
    return Done{};
}

Status apply_forwards(Ruleset& copy, const RotateForwards& rotate) {
    const auto has_mark = [&](const ForwardEntry& entry) {
        const auto* mark = std::get_if<MarkForward>(&entry.what);
        return mark != nullptr && mark->mark == rotate.mark;
    };
    std::vector<ForwardEntry>& all = copy.forwards;
    const auto first = std::find_if(all.begin(), all.end(), has_mark);
    if (first == all.end()) {
        return Error{Code::refused, "", -1, "no entry for this mark",
                     "`ipmasqadm mfw -L` shows those there are"};
    }
    // Entries for other marks in between keep their places.
    std::vector<ForwardEntry> own;
    std::copy_if(all.begin(), all.end(), std::back_inserter(own), has_mark);
    std::rotate(own.begin(), own.begin() + 1, own.end());
    auto next = own.begin();
    for (ForwardEntry& entry : all) {
        if (has_mark(entry)) {
            entry = std::move(*next++);
        }
    }
    return Done{};
}

}  // namespace fw
