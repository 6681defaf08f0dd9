#include "translate/values.h"

#include <algorithm>
#include <set>
#include <string>
#include <string_view>

namespace fw::translate {

namespace {

using nft::Field;

bool is_host(const Value& value) { return value.first == value.last; }

bool touch(const Value& a, const Value& b) { return a.last != 0xffffffff && b.first == a.last + 1; }

// Those that overlap are one. Sorted.
void unite_overlapping(std::vector<Value>& values, bool touching) {
    std::sort(values.begin(), values.end(), [](const Value& a, const Value& b) {
        return a.first != b.first ? a.first < b.first : a.last > b.last;
    });
    std::vector<Value> result;
    for (const Value& value : values) {
        if (!result.empty() &&
            (value.first <= result.back().last || (touching && touch(result.back(), value)))) {
            result.back().last = std::max(result.back().last, value.last);
        } else {
            result.push_back(value);
        }
    }
    values = std::move(result);
}

// 10.0.0.1, 10.0.0.2, 10.0.0.3 are 10.0.0.1-10.0.0.3; two would be no shorter.
void unite_hosts(std::vector<Value>& values) {
    std::vector<Value> result;
    for (std::size_t i = 0; i < values.size();) {
        std::size_t end = i + 1;
        while (end < values.size() && is_host(values[end - 1]) && is_host(values[end]) &&
               touch(values[end - 1], values[end])) {
            ++end;
        }
        if (end - i >= 3) {
            result.push_back({values[i].first, values[end - 1].last});
        } else {
            result.insert(result.end(), values.begin() + static_cast<std::ptrdiff_t>(i),
                          values.begin() + static_cast<std::ptrdiff_t>(end));
        }
        i = end;
    }
    values = std::move(result);
}

// Whether one of the prefixes is a part of the name, all of it too.
template <typename Prefixes>
bool begins_with_one_of(const Prefixes& prefixes, const std::string& name, std::size_t longest) {
    for (std::size_t length = 1; length <= longest; ++length) {
        if (prefixes.contains(name.substr(0, length))) {
            return true;
        }
    }
    return false;
}

// "eth*" has "eth0" in it. In the order of their first appearance.
std::vector<Value> united_interfaces(const std::vector<Value>& values) {
    std::set<std::string> prefixes;
    for (const Value& value : values) {
        if (value.prefix) {
            prefixes.insert(value.interface);
        }
    }
    std::set<std::string> seen;
    std::vector<Value> result;
    for (const Value& value : values) {
        const std::string& name = value.interface;
        const std::size_t others = value.prefix ? name.size() - 1 : name.size();
        if (!begins_with_one_of(prefixes, name, others) && seen.insert(name).second) {
            result.push_back(value);
        }
    }
    return result;
}

}  // namespace

bool has_addresses(Field field) { return field == Field::ip_saddr || field == Field::ip_daddr; }
bool has_interfaces(Field field) { return field == Field::iifname || field == Field::oifname; }
bool has_ports(Field field) {
    return field == Field::tcp_sport || field == Field::tcp_dport || field == Field::udp_sport ||
           field == Field::udp_dport;
}

bool values_apart(const Value& a, const Value& b) {
    if (a.interface.empty() && b.interface.empty()) {
        return a.last < b.first || b.last < a.first;
    }
    const std::string_view x = a.interface;
    const std::string_view y = b.interface;
    return !(x == y || (a.prefix && y.starts_with(x)) || (b.prefix && x.starts_with(y)));
}

std::vector<Value> united_values(Field field, std::vector<Value> values, bool by_name) {
    if (has_interfaces(field)) {
        return united_interfaces(values);
    }
    unite_overlapping(values, has_ports(field) && !by_name);
    if (has_addresses(field)) {
        unite_hosts(values);
    }
    // In a set with ranges nft unites neighbours by itself, and a list of them would change.
    if (!std::all_of(values.begin(), values.end(), is_host)) {
        unite_overlapping(values, true);
    }
    return values;
}

Boxes::Meets Boxes::meets(const std::vector<Value>& box) const {
    std::array<std::uint32_t, 3> numbers{};
    bool apart = false;
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        numbers[i] = sides_[i].find(box[i]);
        if (numbers[i] == overlaps) {
            return Meets::others;
        }
        apart = apart || numbers[i] == is_new;
    }
    const auto found = apart ? boxes_.end() : boxes_.find(numbers);
    if (found == boxes_.end()) {
        return Meets::none;
    }
    return found->second ? Meets::the_same_last : Meets::the_same;
}

void Boxes::add(const std::vector<Value>& box, bool last) {
    has_neighbours_ = has_neighbours_ || touches(box.front());
    has_ranges_ = has_ranges_ || box.front().first != box.front().last;
    std::array<std::uint32_t, 3> numbers{};
    for (std::size_t i = 0; i < sides_.size(); ++i) {
        numbers[i] = sides_[i].add(box[i]);
    }
    boxes_.emplace(numbers, last);
}

bool Boxes::touches(const Value& value) const {
    const auto is_there = [this](std::uint32_t number) {
        return sides_.front().find({number, number}) != is_new;
    };
    return value.interface.empty() && ((value.first > 0 && is_there(value.first - 1)) ||
                                       (value.last < 0xffffffff && is_there(value.last + 1)));
}

std::uint32_t Boxes::Side::find(const Value& value) const {
    if (!value.interface.empty()) {
        return find_interface(value);
    }
    auto next = ranges_.upper_bound(value.last);
    if (next == ranges_.begin()) {
        return is_new;
    }
    const auto& [first, end] = *std::prev(next);
    if (end.first < value.first) {
        return is_new;
    }
    return first == value.first && end.first == value.last ? end.second : overlaps;
}

std::uint32_t Boxes::Side::find_interface(const Value& value) const {
    const auto& alike = value.prefix ? prefixes_ : names_;
    if (const auto found = alike.find(value.interface); found != alike.end()) {
        return found->second;
    }
    const std::string& name = value.interface;
    const auto begins_with_it = [&](const auto& names) {
        const auto next = names.lower_bound(name);
        return next != names.end() && std::string_view(next->first).starts_with(name);
    };
    const bool met = begins_with_one_of(prefixes_, name, name.size()) ||
                     (value.prefix && (begins_with_it(names_) || begins_with_it(prefixes_)));
    return met ? overlaps : is_new;
}

std::uint32_t Boxes::Side::add(const Value& value) {
    const std::uint32_t found = find(value);
    if (found != is_new) {
        return found;
    }
    if (!value.interface.empty()) {
        (value.prefix ? prefixes_ : names_).emplace(value.interface, count_);
    } else {
        ranges_.emplace(value.first, std::pair(value.last, count_));
    }
    return count_++;
}

}  // namespace fw::translate
