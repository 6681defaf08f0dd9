// Rulesets of one feature each, as command lines: what they are compiled to stands in
// tests/golden/NAME.nft.
#pragma once

#include <string>
#include <vector>

#include "fw/command.h"
#include "fw/forward.h"
#include "fw/settings.h"
#include "rulesets.h"

struct Golden {
    const char* name;
    std::vector<std::string> lines;
    std::vector<fw::Forward> forwards = {};
    fw::LogTo log = fw::LogTo::kernel;
    fw::Dialect dialect = fw::Dialect::ipchains;
};

inline constexpr fw::Address outside{0xc8c8c8c8};  // 200.200.200.200
inline constexpr fw::Address inner{0x0a000002};    // 10.0.0.2
inline constexpr fw::Address second{0x0a000003};   // 10.0.0.3

inline const std::vector<Golden> goldens = {
    {"addresses",
     {"-A input -s 10.0.0.1 -j ACCEPT", "-A input -s 10.0.0.0/8 -d 192.168.1.0/24 -j DENY",
      "-A input -s 10.0.0.1/255.0.255.255 -j DENY", "-A output -d 1.2.3.4 -j REJECT"}},
    {"inversions",
     {"-A input -s ! 10.0.0.0/8 -j DENY", "-A input -p ! tcp -j DENY", "-A input -i ! eth0 -j DENY",
      "-A input -p tcp -d 0/0 ! 80 -j DENY", "-A input -p tcp -s 0/0 ! 1:1023 -j DENY",
      "-A input ! -f -j ACCEPT", "-A input -p tcp ! -y -j ACCEPT", "-A input -s ! 0/0 -j DENY"}},
    {"ports",
     {"-A input -p tcp -d 0/0 80 -j ACCEPT", "-A input -p udp -s 0/0 53 -d 0/0 1024: -j ACCEPT",
      "-A input -p tcp -s 0/0 :1023 -d 0/0 1024:65535 -j DENY",
      "-A input -p tcp -s 0/0 ! 25 -d 0/0 ! 80 -j DENY",
      "-A input -p tcp -s 0/0 ! 0:65535 -j DENY"}},
    {"icmp",
     {"-A input -p icmp --icmp-type echo-request -j ACCEPT",
      "-A input -p icmp --icmp-type host-unreachable -j ACCEPT",
      "-A input -p icmp -s 0/0 3:5 -j DENY", "-A input -p icmp -j DENY"}},
    {"syn",
     {"-A input -p tcp -y -j DENY", "-A input -p tcp -d 0/0 25 -y -j ACCEPT",
      "-A input -p tcp ! -y -d 0/0 1024: -j ACCEPT"}},
    {"fragments",
     {"-A input -f -j DENY", "-A input -p udp -f -s 10.0.0.1 -j ACCEPT",
      "-A forward ! -f -j ACCEPT"}},
    {"interfaces",
     {"-A input -i eth0 -j ACCEPT", "-A forward -i ppp+ -j DENY", "-A output -i lo -j ACCEPT"}},
    {"user_chains",
     {"-N good", "-N sub", "-A good -i eth0 -j ACCEPT", "-A good -j sub", "-A sub -j RETURN",
      "-A sub -s 10.0.0.1 -j DENY", "-A input -j good", "-A output -s 10.0.0.0/8 -j good"}},
    {"masquerading", {"-P forward DENY", "-A forward -i ppp0 -s 192.168.1.0/24 -j MASQ"}},
    {"masquerading_policy", {"-P forward MASQ", "-A output -p tcp -d 0/0 25 -j DENY"}},
    {"masquerading_and_reject",
     {"-N rej", "-A rej -p tcp -d 0/0 113 -j REJECT", "-A output -j rej", "-A input -j rej",
      "-A forward -s 10.0.0.0/8 -j MASQ", "-P output REJECT"}},
    {"masquerading_both_ways",
     {"-N m", "-A m -s 10.0.0.0/8 -j MASQ", "-A forward -j m", "-A output -j m"}},
    {"redirect",
     {"-A input -p tcp -d 0/0 80 -j REDIRECT 3128", "-A input -p udp -d 0/0 53 -j REDIRECT"}},
    {"policies", {"-P input DENY", "-P forward REJECT", "-P output REJECT"}},
    {"tos",
     {"-A output -p tcp -d 0/0 23 -t 01 10", "-A output -p tcp -d 0/0 20 -t 01 08 -j ACCEPT",
      "-A output -p udp -t e1 04", "-A input -t 01 00"}},
    {"marks", {"-A input -s 10.0.0.1 -m 7", "-A input -s 10.0.0.2 -m +1", "-A input -m -1"}},
    {"log_and_copy",
     {"-A input -s 10.0.0.1 -l -j DENY", "-A input -s 10.0.0.2 -o 64", "-A input -s 10.0.0.3 -l -o",
      "-A input -s 10.0.0.4 -o 0", "-N odd$one", "-A odd$one -l -j REJECT",
      "-A input -l -j odd$one"}},
    {"log_to_daemon",
     {"-A input -l -j DENY", "-A input -p tcp -d 0/0 80 -l -j REDIRECT 3128",
      "-A forward -s 10.0.0.0/8 -l -j MASQ"},
     {},
     fw::LogTo::daemon},
    {"port_forwards",
     {"-P forward DENY", "-A forward -s 10.0.0.0/8 -j MASQ",
      "-A output -p tcp -d 0/0 25 -j REJECT"},
     {fw::PortForward{6, outside, 80, inner, 8080, 10},
      fw::PortForward{6, outside, 80, second, 80, 20},
      fw::PortForward{6, outside, 80, inner, 81, 5},
      fw::PortForward{17, outside, 53, inner, 53, 10}, fw::MarkForward{5, inner, 0, 10},
      fw::MarkForward{5, second, 22, 10}, fw::RangeForward{6, {2300, 2400}, inner, false},
      fw::ProtocolForward{47, inner, true}, fw::ProtocolForward{50, second, false}}},
    {"port_forwards_alone", {}, {fw::PortForward{6, outside, 80, inner, 80, 10}}},
    {"range_forwards",
     {"-A forward -j MASQ"},
     {fw::RangeForward{17, {6970, 7170}, fw::RangeForward::Control{6, 7070, true}, false},
      fw::RangeForward{17, {7000, 7000}, fw::RangeForward::Control{6, 7070, true}, false},
      fw::RangeForward{6, {28000, 28010}, fw::RangeForward::Control{17, 27960, false}, true}}},
    {"helpers",
     {"-P input DENY", "-P forward DENY", "-A input -p tcp -d 0/0 61000:65095 -j ACCEPT",
      "-A input -p tcp -d 0/0 1:1023 -j ACCEPT", "-A input -p tcp -d 0/0 61005 -j DENY",
      "-A input -p tcp -d 0/0 ! 61005 -j ACCEPT", "-A input -p tcp -s 0/0 20 -j ACCEPT", "-N ppp",
      "-A ppp -p udp -d 0/0 1024: -j ACCEPT", "-A input -i ppp0 -j ppp",
      "-A input -p tcp -d 0/0 61000:65000 -j ppp", "-A input -p tcp -d 0/0 :61000 -j RETURN",
      "-A forward -i ppp0 -s 10.0.0.0/8 -j MASQ", "-A output -p tcp -s 0/0 61000:65095 -j ACCEPT",
      "-A output -p tcp -d 0/0 113 -j REJECT"},
     {fw::Helper{"ftp", {21, 2121}}, fw::Helper{"h323", {1720}}}},
    {"helpers_without_masquerading", {}, {fw::Helper{"ftp", {21}}}},
    {"names", {"-N log", "-N a.b", "-A input -j log", "-A log -j a.b", "-A a.b -j RETURN"}},
};

// Those of ipfwadm, without its name.
inline const std::vector<Golden> ipfwadm_goldens = [] {
    std::vector<Golden> all = {
        {"ipfwadm-policies", {"-I -p deny", "-F -p reject", "-O -a accept -D 10.0.0.1"}},
        {"ipfwadm-ports",
         {"-I -a accept -P tcp -D 0/0 21 22 80:90 110",
          "-I -a accept -P udp -S 0/0 53 -D 0/0 53:53",
          "-I -a deny -P tcp -S 0/0 0:1023 -D 0/0 6000:6010 2049",
          "-I -a reject -P tcp -S 0/0 20 -D 0/0 0:65535",
          "-I -a accept -P icmp -S 0/0 0 3 4 11 12"}},
        {"ipfwadm-flags",
         {"-I -a accept -P tcp -k", "-I -a deny -P tcp -y -D 10.0.0.1 25", "-I -a deny -y -W ppp0",
          "-F -a deny -k -S 10.0.0.0/8"}},
        {"ipfwadm-both_ways",
         {"-F -a accept -b -S 10.0.0.0/8 -D 192.168.1.0/24", "-F -a accept -b -S 10.1.0.0/16",
          "-F -a deny -b -P tcp -S 10.0.0.0/8 1024:65535 -D 10.1.0.0/16 80 1234",
          "-I -a accept -b -P tcp -S 0/0 25", "-I -a deny -b -P icmp -S 10.0.0.1 8",
          "-O -a deny -b -S 10.0.0.0/8 -D 10.0.0.0/8"}},
        {"ipfwadm-interfaces",
         {"-I -a deny -W ppp0 -S 10.0.0.0/8", "-I -a accept -V 10.0.0.254",
          "-O -a accept -V 9.9.9.9", "-F -a accept -V 10.0.0.254 -W eth1",
          "-O -a deny -V 9.9.9.9 -W eth1"}},
        {"ipfwadm-tos",
         {"-O -a accept -P tcp -D 0/0 23 -t 01 10", "-O -a deny -P tcp -D 0/0 25 -t 01 08",
          "-O -a reject -t ff 10", "-F -a accept -t ff 10"}},
        {"ipfwadm-accounting",
         {"-A -a", "-A in -a -W eth0", "-A out -a -P tcp -D 0/0 80 8080", "-A -a -b -S 10.0.0.0/8",
          "-A -a -P tcp -y -D 0/0 1024:65535", "-A in -a -P icmp -S 0/0 8 255",
          "-A both -a -k -o"}},
        {"ipfwadm-log",
         {"-I -a deny -W ppp0 -o", "-F -a reject -S 192.168.1.0/24 -o", "-A out -a -o",
          "-A -a -o"}},
        {"ipfwadm-log_to_daemon",
         {"-O -a reject -P udp -o", "-I -a accept -P tcp -D 0/0 80 -r 8080 -o",
          "-F -a m -S 192.168.1.0/24 -o"},
         {},
         fw::LogTo::daemon},
        {"ipfwadm-masquerading",
         {"-F -p deny", "-F -a m -S 192.168.1.0/24 -D 0/0", "-O -a reject -P tcp -D 0/0 25 119"},
         {fw::PortForward{6, outside, 80, inner, 8080, 10}}},
        {"ipfwadm-redirect",
         {"-I -a accept -P tcp -S 192.168.1.0/24 -D 0/0 80 -r 3128", "-I -a accept -S 10.0.0.9 -r",
          "-I -a deny -P udp -r 53"}},
        {"ipfwadm-helpers",
         {"-I -a accept -P tcp -D 0/0 1024:65535", "-I -a accept -b -P tcp -S 0/0 1:1023 -D 0/0 20",
          "-I -a deny -P tcp -D 0/0 61005", "-F -a m"},
         {fw::Helper{"ftp", {21}}}},
    };
    for (Golden& golden : all) {
        golden.dialect = fw::Dialect::ipfwadm;
    }
    return all;
}();

// What the line of either language asks for.
[[nodiscard]] inline fw::Change change_of(const std::string& line, fw::Dialect dialect) {
    if (dialect == fw::Dialect::ipchains) {
        return change_of(line);
    }
    const fw::Result<fw::Command> command = fw::parse_ipfwadm(words_of(line), recorded_names());
    INFO(line);
    REQUIRE(command);
    const auto* change = std::get_if<fw::Change>(&command->action);
    REQUIRE(change != nullptr);
    return *change;
}

// What the lines, and the forwards, make of an empty firewall.
[[nodiscard]] inline fw::Ruleset ruleset_of(const Golden& golden) {
    fw::Ruleset ruleset = fw::Ruleset::empty(golden.dialect);
    for (const std::string& line : golden.lines) {
        INFO(line);
        REQUIRE(fw::apply(ruleset, change_of(line, golden.dialect)));
    }
    for (const fw::Forward& forward : golden.forwards) {
        REQUIRE(fw::apply(ruleset, fw::AddForward{forward}));
    }
    return ruleset;
}
