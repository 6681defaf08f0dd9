#include "recorded.h"

#include <fstream>
#include <nlohmann/json.hpp>
#include <stdexcept>

namespace recorded {
namespace {

using Json = nlohmann::json;

std::vector<std::string> strings(const Json& array) {
    return array.get<std::vector<std::string>>();
}

template <typename Row, typename Read>
std::vector<Row> rows(const std::string& path, Read read) {
    std::ifstream file(path);
    if (!file) {
        throw std::runtime_error("cannot open " + path);
    }
    std::vector<Row> all;
    for (std::string line; std::getline(file, line);) {
        all.push_back(read(Json::parse(line)));
    }
    if (all.empty()) {
        throw std::runtime_error("nothing in " + path);
    }
    return all;
}

Case read_case(const Json& row) {
    Case c;
    c.id = row.at("id");
    c.group = row.at("group");
    const Json& results = row.at("results");
    for (std::size_t i = 0; i < results.size(); ++i) {
        Command command;
        command.words = strings(row.at("commands").at(i));
        command.exit = results.at(i).at("exit");
        command.output = results.at(i).at("stdout");
        command.complained = results.at(i).at("stderr");
        if (row.contains("context") && row.at("context").at(i).contains("stdin")) {
            command.input = row.at("context").at(i).at("stdin").get<std::string>();
        }
        c.commands.push_back(std::move(command));
    }
    c.fwnames = row.value("final_proc_ip_fwnames", "");
    c.fwchains = row.value("final_proc_ip_fwchains", "");
    c.proc20 = row.value("final_proc20", "");
    c.kernel_log = row.value("kernel_log", "");
    return c;
}

Packet read_packet(const Json& row) {
    Packet packet;
    packet.arguments = strings(row.at("args"));
    packet.verdict = row.at("verdict");
    packet.port = row.value("port", std::uint16_t{0});
    packet.tos = row.at("tos");
    packet.mark = row.value("mark", 0u);
    packet.log = row.value("log", std::vector<std::string>{});
    packet.copies = row.value("netlink", std::vector<std::string>{});
    return packet;
}

Packets read_packets(const Json& row) {
    Packets p;
    p.id = row.at("id");
    for (std::size_t i = 0; i < row.at("rules").size(); ++i) {
        Command command;
        command.words = strings(row.at("rules").at(i));
        command.exit = row.at("exits").at(i);
        p.rules.push_back(std::move(command));
    }
    for (const Json& check : row.value("checks", Json::array())) {
        Command command;
        command.words = strings(check.at("argv"));
        command.exit = check.at("exit");
        command.output = check.at("stdout");
        p.checks.push_back(std::move(command));
    }
    for (const Json& packet : row.at("packets")) {
        p.packets.push_back(read_packet(packet));
    }
    p.fwnames = row.value("final_proc_ip_fwnames", "");
    p.fwchains = row.value("final_proc_ip_fwchains", "");
    p.proc20 = row.value("final_proc20", "");
    return p;
}

}  // namespace

std::vector<Case> cases(const std::string& path) { return rows<Case>(path, read_case); }

std::vector<Packets> packets(const std::string& path) { return rows<Packets>(path, read_packets); }

const std::vector<Case>& ipchains_cases() {
    static const std::vector<Case> all = cases(FW_TEST_DATA "/ipchains-cases.jsonl");
    return all;
}

const std::vector<Packets>& ipchains_packets() {
    static const std::vector<Packets> all = packets(FW_TEST_DATA "/ipchains-packets.jsonl");
    return all;
}

const std::vector<Case>& ipfwadm_cases() {
    static const std::vector<Case> all = cases(FW_TEST_DATA "/ipfwadm-cases.jsonl");
    return all;
}

const std::vector<Packets>& ipfwadm_packets() {
    static const std::vector<Packets> all = packets(FW_TEST_DATA "/ipfwadm-packets.jsonl");
    return all;
}

}  // namespace recorded
