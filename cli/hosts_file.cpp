#include "hosts_file.h"

#include <arpa/inet.h>

#include <utility>
#include <vector>

namespace cli {

namespace {

class HostsFile : public fw::Names {
public:
    HostsFile(std::string_view text, Interfaces interfaces, std::unique_ptr<fw::Names> others)
        : others_(std::move(others)), interfaces_(std::move(interfaces)) {
        while (!text.empty()) {
            const std::size_t end = text.find('\n');
            read_line(text.substr(0, end));
            text.remove_prefix(end == text.npos ? text.size() : end + 1);
        }
    }

    [[nodiscard]] std::vector<fw::Address> host(const std::string& name) const override {
        const auto found = addresses_.find(name);
        return found == addresses_.end() ? others_->host(name) : found->second;
    }
    [[nodiscard]] std::optional<fw::Address> network(const std::string& name) const override {
        return others_->network(name);
    }
    [[nodiscard]] std::optional<std::uint16_t> service(const std::string& name,
                                                       std::string_view protocol) const override {
        return others_->service(name, protocol);
    }
    [[nodiscard]] std::optional<std::uint16_t> protocol(const std::string& name) const override {
        return others_->protocol(name);
    }
    [[nodiscard]] std::optional<std::string> host_name(fw::Address address) const override {
        const auto found = names_.find(address);
        return found == names_.end() ? others_->host_name(address) : found->second;
    }
    [[nodiscard]] std::optional<std::string> network_name(fw::Address address) const override {
        return others_->network_name(address);
    }
    [[nodiscard]] std::optional<std::string> service_name(
        std::uint16_t port, std::string_view protocol) const override {
        return others_->service_name(port, protocol);
    }
    [[nodiscard]] std::optional<std::string> protocol_name(std::uint16_t number) const override {
        return others_->protocol_name(number);
    }
    [[nodiscard]] std::optional<std::string> interface_with(fw::Address address) const override {
        const auto found = interfaces_.find(address);
        return found == interfaces_.end() ? others_->interface_with(address) : found->second;
    }

private:
    // 10.0.0.1 gate.home.example gate  # a comment
    void read_line(std::string_view line) {
        line = line.substr(0, line.find('#'));
        std::vector<std::string> words(1);
        for (const char c : line) {
            const bool blank = c == ' ' || c == '\t' || c == '\r';
            if (!blank) {
                words.back() += c;
            } else if (!words.back().empty()) {
                words.emplace_back();
            }
        }
        in_addr parsed{};
        if (inet_pton(AF_INET, words.front().c_str(), &parsed) != 1) {
            return;
        }
        const fw::Address address{ntohl(parsed.s_addr)};
        for (std::size_t i = 1; i < words.size() && !words[i].empty(); ++i) {
            addresses_[words[i]].push_back(address);
            names_.try_emplace(address, words[i]);
        }
    }

    std::unique_ptr<fw::Names> others_;
    Interfaces interfaces_;
    std::map<std::string, std::vector<fw::Address>> addresses_;
    std::map<fw::Address, std::string> names_;
};

}  // namespace

std::unique_ptr<fw::Names> with_hosts(std::string_view text, Interfaces interfaces,
                                      std::unique_ptr<fw::Names> others) {
    return std::make_unique<HostsFile>(text, std::move(interfaces), std::move(others));
}

}  // namespace cli
