#include "compile/forwards.h"

#include <algorithm>
#include <string>
#include <utility>

#include "compile/rule.h"
#include "model/forward_codec.h"

namespace fw::compile {

namespace {

using nft::BaseType;
using nft::Compare;
using nft::Expr;
using nft::Field;
using nft::HookPoint;
using nft::Kind;
using nft::Op;
using Tests = std::vector<Expr>;

// Before nat.redirect: Linux 2.2 asked for forwarded ports before it delivered anything; behind it;
// and before masquerading.
constexpr nft::Base forwarded_hook{BaseType::nat, HookPoint::prerouting, -100};
constexpr nft::Base unmasked_hook{BaseType::filter, HookPoint::prerouting, -90};
constexpr nft::Base watch_hook{BaseType::filter, HookPoint::postrouting, 90};

constexpr const char* forwarded_chain = "nat.forwarded";
constexpr const char* unmasked_chain = "forwarded.unmasked";
constexpr const char* helpers_chain = "masq.helpers";
constexpr const char* watch_chain = "masq.watch";

constexpr std::uint32_t control_seconds = 15;  // of autofw in Linux 2.2

// tcp dport 80, udp dport 6970-7170
void add_ports(std::uint16_t protocol, const PortRange& ports, Tests& out) {
    const Field field = protocol == protocol_tcp ? Field::tcp_dport : Field::udp_dport;
    out.push_back(Compare{Field::l4proto, Op::eq, protocol});
    if (ports.first == ports.last) {
        out.push_back(Compare{field, Op::eq, ports.first});
    } else {
        out.push_back(nft::Between{field, false, ports.first, ports.last});
    }
}

nft::Map map_for(const RangeForward& range, const RangeForward::Control& control) {
    std::string name = "control." + std::string(control.protocol == protocol_tcp ? "tcp." : "udp.");
    name += std::to_string(control.port);
    name += range.any_peer ? ".any" : "";
    name += control.timed ? "" : ".kept";
    return {std::move(name), control.timed ? control_seconds : 0};
}

// The kernel's modules behind a helper of the model; all but the first have a port of their own.
struct Module {
    nft::HelperObject object;
    std::vector<std::uint16_t> ports;
};
std::vector<Module> modules_of(const Helper& helper) {
    if (helper.name == "h323") {
        constexpr std::uint16_t gatekeeper = 1719;  // RFC 3508: H.225.0 RAS
        return {{{"q931", "Q.931", protocol_tcp}, helper.ports},
                {{"ras", "RAS", protocol_udp}, {gatekeeper}}};
    }
    return {{{helper.name, helper.name, protocol_tcp}, helper.ports}};
}

// Those of one port, or mark, that come behind an entry share with it what is left to them.
template <typename Same>
std::uint32_t shares_from(const std::vector<ForwardEntry>& entries, std::size_t index, Same same) {
    std::uint32_t total = 0;
    for (std::size_t i = index; i < entries.size(); ++i) {
        total += same(entries[i].what);
    }
    return total;
}

class Forwards {
public:
    Forwards(const Ruleset& ruleset, bool masquerades)
        : entries_(ruleset.forwards), masquerades_(masquerades) {}

    nft::Table compile() {
        for (index_ = 0; index_ < entries_.size(); ++index_) {
            std::visit(*this, entries_[index_].what);
        }
        if (masquerades_ && !helpers_.empty()) {
            // ct direction original ct label 126 jump masq.helpers
            std::vector<nft::Rule> watch;
            for (const unsigned label : {masquerade_label, forward_label}) {
                watch.push_back(
                    nft::frame_rule({Compare{Field::ct_direction, Op::eq, 0}, nft::HasLabel{label},
                                     nft::Decide{nft::Verdict::jump, helpers_chain}}));
            }
            add(watch_chain, watch_hook, std::move(watch));
        }
        add(helpers_chain, std::nullopt, std::move(helpers_));
        add(forwarded_chain, forwarded_hook, std::move(forwarded_));
        add(unmasked_chain, unmasked_hook, std::move(unmasked_));
        return std::move(table_);
    }

    // ip daddr 1.2.3.4 tcp dport 80 fib daddr type local counter ct label set 127 dnat to ...
    void operator()(const PortForward& port) {
        Tests tests;
        if (port.local != Address{}) {
            tests.push_back(Compare{Field::ip_daddr, Op::eq, port.local.value});
        }
        add_ports(port.protocol, {port.local_port, port.local_port}, tests);
        tests.push_back(nft::IsLocal{});
        take_turns(port.preference, tests, [&](const Forward& other) {
            const auto* one = std::get_if<PortForward>(&other);
            const bool same = one != nullptr && one->protocol == port.protocol &&
                              one->local == port.local && one->local_port == port.local_port;
            return same ? one->preference : 0;
        });
        send_on(Kind::entry, std::move(tests), nft::ForwardTo{port.inner, port.inner_port});
    }

    // meta mark 0x5 meta l4proto tcp fib daddr type local counter ct label set 127 dnat to ...
    void operator()(const MarkForward& mark) {
        Kind kind = Kind::entry;
        for (const std::uint16_t protocol : {protocol_tcp, protocol_udp}) {
            Tests tests = {Compare{Field::mark, Op::eq, mark.mark},
                           Compare{Field::l4proto, Op::eq, protocol}, nft::IsLocal{}};
            take_turns(mark.preference, tests, [&](const Forward& other) {
                const auto* one = std::get_if<MarkForward>(&other);
                return one != nullptr && one->mark == mark.mark ? one->preference : 0;
            });
            send_on(std::exchange(kind, Kind::more), std::move(tests),
                    nft::ForwardTo{mark.inner, mark.inner_port});
        }
    }

    // udp dport 6970-7170 fib daddr type local counter ct label set 127 dnat to ...
    void operator()(const RangeForward& range) {
        Tests tests;
        add_ports(range.protocol, range.ports, tests);
        tests.push_back(nft::IsLocal{});
        if (const auto* inner = std::get_if<Address>(&range.inner)) {
            send_on(Kind::entry, std::move(tests), nft::ForwardTo{*inner, 0});
            return;
        }
        const auto& control = std::get<RangeForward::Control>(range.inner);
        const nft::Map map = map_for(range, control);
        if (std::find(table_.maps.begin(), table_.maps.end(), map) == table_.maps.end()) {
            table_.maps.push_back(map);
            // tcp dport 7070 ct label 126 add @control.tcp.7070 { ip daddr : ip saddr }
            Tests learn;
            add_ports(control.protocol, {control.port, control.port}, learn);
            learn.push_back(nft::HasLabel{masquerade_label});
            learn.push_back(nft::UpdateMap{map.name, range.any_peer});
            helpers_.push_back(nft::frame_rule(std::move(learn)));
        }
        send_on(Kind::entry, std::move(tests), nft::ForwardByMap{map.name, range.any_peer});
    }

    // ip protocol gre fib daddr type local counter ct label set 127 dnat to 10.0.0.2
    void operator()(const ProtocolForward& protocol) {
        Tests tests = {Compare{Field::ip_protocol, Op::eq, protocol.protocol}, nft::IsLocal{}};
        if (protocol.masquerade) {
            send_on(Kind::entry, std::move(tests), nft::ForwardTo{protocol.inner, 0});
            return;
        }
        end(tests, nft::SetDestination{protocol.inner});
        unmasked_.push_back({Kind::entry, identity(), std::move(tests)});
    }

    // tcp dport 21 ct helper set "ftp"
    void operator()(const Helper& helper) {
        Kind kind = Kind::entry;
        for (const Module& module : modules_of(helper)) {
            for (const std::uint16_t port : module.ports) {
                Tests tests;
                add_ports(module.object.protocol, {port, port}, tests);
                tests.push_back(masquerades_ ? Expr(nft::SetHelper{module.object.name})
                                             : Expr(nft::Decide{nft::Verdict::ret, {}}));
                helpers_.push_back({kind, kind == Kind::entry ? identity() : "", std::move(tests)});
                kind = Kind::more;
            }
            if (masquerades_) {
                table_.helpers.push_back(module.object);
            }
        }
    }

private:
    [[nodiscard]] std::string identity() const { return encode_forward(entries_[index_].what); }

    // numgen inc mod 20 < 10, but for the last of them
    template <typename Share>
    void take_turns(std::uint32_t preference, Tests& tests, Share share) const {
        const std::uint32_t total = shares_from(entries_, index_, share);
        if (total > preference) {
            tests.push_back(nft::TakesTurn{preference, total});
        }
    }

    void end(Tests& tests, Expr rewrite) const {
        tests.push_back(nft::Counter{entries_[index_].counters});
        tests.push_back(nft::SetLabel{forward_label});
        tests.push_back(std::move(rewrite));
    }
    void send_on(Kind kind, Tests tests, Expr rewrite) {
        end(tests, std::move(rewrite));
        if (kind == Kind::more) {
            std::get<nft::Counter>(tests[tests.size() - 3]).counters = {};
        }
        forwarded_.push_back({kind, kind == Kind::entry ? identity() : "", std::move(tests)});
    }

    void add(const char* name, std::optional<nft::Base> base, std::vector<nft::Rule> rules) {
        if (!rules.empty()) {
            table_.chains.push_back({name, base, std::move(rules)});
        }
    }

    const std::vector<ForwardEntry>& entries_;
    bool masquerades_;
    std::size_t index_ = 0;
    nft::Table table_;
    std::vector<nft::Rule> forwarded_;
    std::vector<nft::Rule> unmasked_;
    std::vector<nft::Rule> helpers_;
};

}  // namespace

nft::Table compile_forwards(const Ruleset& ruleset, bool masquerades) {
    return Forwards(ruleset, masquerades).compile();
}

bool has_helpers(const Ruleset& ruleset) {
    return std::any_of(ruleset.forwards.begin(), ruleset.forwards.end(),
                       [](const ForwardEntry& entry) {
                           return kind_of(entry.what) == ForwardKind::helper;
                       });
}

bool sends_on(const Ruleset& ruleset) {
    return std::any_of(ruleset.forwards.begin(), ruleset.forwards.end(),
                       [](const ForwardEntry& entry) {
                           return kind_of(entry.what) != ForwardKind::helper;
                       });
}

bool is_forward_chain(std::string_view kernel_name) {
    return kernel_name == forwarded_chain || kernel_name == unmasked_chain ||
           kernel_name == helpers_chain || kernel_name == watch_chain;
}

}  // namespace fw::compile
