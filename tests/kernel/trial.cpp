#include "trial.h"

#include <unistd.h>

#include <algorithm>
#include <sstream>
#include <utility>

#include "fw/command.h"
#include "fw/parse.h"
#include "fw/print.h"
#include "fw/store.h"
#include "process.h"
#include "unit/file_names.h"

namespace packets {

namespace {

// Whether a packet can meet MASQ or REDIRECT where it means more than ACCEPT.
bool rewrites(const fw::Ruleset& ruleset) {
    if (ruleset.chains[1].policy == fw::Policy::masquerade) {
        return true;
    }
    for (const fw::Chain& chain : ruleset.chains) {
        for (const fw::Rule& rule : chain.rules) {
            if ((std::holds_alternative<fw::Masquerade>(rule.target) &&
                 ruleset.reaches("forward", chain.name)) ||
                (std::holds_alternative<fw::Redirect>(rule.target) &&
                 ruleset.reaches("input", chain.name))) {
                return true;
            }
        }
    }
    return false;
}

std::string joined(const Words& words) {
    std::string text;
    for (const std::string& word : words) {
        text += text.empty() ? word : " " + word;
    }
    return text;
}

std::string listing(const fw::Ruleset& ruleset) {
    fw::Presentation show;
    show.numeric = show.verbose = show.exact = true;
    return fw::print_listing(ruleset, fw::List{}, show, recorded_names());
}

// The lines that are not the same in both, for people.
std::string changed_lines(const std::string& was, const std::string& is) {
    std::string text;
    std::istringstream old_lines(was);
    std::istringstream new_lines(is);
    std::string old_line;
    std::string new_line;
    while (std::getline(old_lines, old_line) && std::getline(new_lines, new_line)) {
        if (old_line != new_line) {
            text += "\n    was " + old_line + "\n    is  " + new_line;
        }
    }
    return text.empty() && was != is ? "\n    one has lines more" : text;
}

class Trial {
public:
    Trial(const Scenario& scenario, const Manner& manner, Score& score)
        : scenario_(scenario),
          manner_(manner),
          score_(score),
          probes_(network_),
          ruleset_(fw::Ruleset::empty(scenario.dialect)) {}

    std::vector<std::string> run();

private:
    [[nodiscard]] bool tracked() const { return scenario_.tracking == Tracking::yes; }
    [[nodiscard]] std::string line_of(const Words& words) const {
        return std::string(fw::dialect_name(scenario_.dialect)) + " " + joined(words);
    }
    [[nodiscard]] Problem prepare();
    void change(const Words& words);
    void note_source(const Words& words);
    [[nodiscard]] bool is_loaded();
    [[nodiscard]] Problem load_translation();
    [[nodiscard]] bool carry_out(const Words& words, const fw::Change& change,
                                 std::string& problem);
    void send(const Shot& shot, fw::Ruleset& ruleset);
    void send_all(fw::Ruleset& ruleset);
    void compare_counters();
    void reload();
    void differs(std::string what) { differences_.push_back(std::move(what)); }

    const Scenario& scenario_;
    const Manner& manner_;
    Score& score_;
    Network network_;
    Probes probes_;
    std::unique_ptr<fw::Store> store_;
    fw::Ruleset ruleset_;
    std::vector<fw::SourceLine> sources_;
    bool loaded_ = false;  // the translation of the rules as they are now
    std::string translation_;
    std::vector<std::string> carried_out_;
    std::vector<std::string> differences_;
};

std::vector<std::string> Trial::run() {
    if (const Problem problem = prepare()) {
        return {*problem};
    }
    for (const Step& step : scenario_.steps) {
        if (const auto* words = std::get_if<Words>(&step)) {
            change(*words);
        } else {
            send(std::get<Shot>(step), ruleset_);
        }
    }
    if (!manner_.translated) {
        compare_counters();
    }
    if (manner_.reload == Reload::yes && differences_.empty()) {
        reload();
    }
    if (!differences_.empty()) {
        carried_out_.push_back(translation_);
        differences_.insert(differences_.begin(), carried_out_.begin(), carried_out_.end());
    }
    return std::move(differences_);
}

Problem Trial::prepare() {
    if (Problem problem = network_.enter()) {
        return problem;
    }
    std::vector<std::string> interfaces = {far_interface, near_interface};
    for (const Step& step : scenario_.steps) {
        if (const auto* shot = std::get_if<Shot>(&step)) {
            interfaces.push_back(shot->packet.interface);
            interfaces.push_back(shot->route);
        }
    }
    for (const std::string& name : interfaces) {
        if (Problem problem = network_.interface(name)) {
            return problem;
        }
        if (tracked()) {
            if (Problem problem = network_.give_address(name)) {
                return problem;
            }
        }
    }
    if (Problem problem = network_.route_through(far_interface)) {
        return problem;
    }
    if (Problem problem = probes_.start(scenario_.tracking)) {
        return problem;
    }
    fw::Result<std::unique_ptr<fw::Store>> store = fw::open_kernel_store({}, scenario_.dialect);
    if (!store) {
        return store.error().problem;
    }
    store_ = std::move(*store);
    return std::nullopt;
}

void Trial::change(const Words& words) {
    const fw::Result<fw::Command> command = scenario_.dialect == fw::Dialect::ipfwadm
                                                ? fw::parse_ipfwadm(words, recorded_names())
                                                : fw::parse_ipchains(words, recorded_names());
    const auto* change = command ? std::get_if<fw::Change>(&command->action) : nullptr;
    if (change == nullptr) {
        ++score_.refused;
        return;
    }
    fw::Ruleset after = ruleset_;
    const fw::Result<fw::Outcome> applied = fw::apply(after, *change);
    if (applied && !tracked() && rewrites(after)) {
        ++score_.left_out;
        return;
    }
    ++score_.commands;
    const bool good = applied && !applied->complaint;
    score_.refused += good ? 0 : 1;
    carried_out_.push_back(line_of(words) + (good ? "" : "   (refused)"));
    std::string problem;
    if (manner_.translated) {
        loaded_ = false;
    } else if (carry_out(words, *change, problem) != good) {
        differs("`" + line_of(words) + "` is " +
                (good ? "refused by the kernel only: " + problem : "refused by the model only"));
    }
    ruleset_ = std::move(after);
    note_source(words);
}

// Rules that no line is known of yet are this command's.
void Trial::note_source(const Words& words) {
    sources_.push_back({line_of(words), "scenario"});
    const auto number = static_cast<std::uint32_t>(sources_.size());
    for (fw::Chain& chain : ruleset_.chains) {
        for (fw::Rule& rule : chain.rules) {
            rule.line.number = rule.line.number == 0 ? number : rule.line.number;
        }
    }
}

// Loads the translation if the rules have changed.
bool Trial::is_loaded() {
    if (!loaded_) {
        const Problem problem = load_translation();
        if (problem) {
            differs(*problem);
        }
        loaded_ = !problem;
    }
    return loaded_;
}

Problem Trial::load_translation() {
    const fw::Result<fw::Translation> made =
        fw::translate_ruleset(ruleset_, *manner_.translated, recorded_names(), sources_);
    if (!made) {
        return "can't be translated: " + made.error().word + ": " + made.error().problem;
    }
    ++score_.translated;
    translation_ = made->text;
    const Run loaded = packets::run({"nft", "-f", "-"}, translation_);
    return loaded.status == 0 ? Problem() : "nft can't load the translation: " + loaded.output;
}

bool Trial::carry_out(const Words& words, const fw::Change& change, std::string& problem) {
    // Which interface has an address (-V) is another thing for the program than for us.
    const bool by_address = std::find(words.begin(), words.end(), "-V") != words.end();
    if (!manner_.program.empty() && !by_address) {
        Words line = {manner_.program};
        line.insert(line.end(), words.begin(), words.end());
        const Run run = packets::run(std::move(line), "");
        problem = run.output;
        return run.status == 0;
    }
    const fw::Result<fw::Outcome> outcome = store_->commit(change);
    if (!outcome) {
        problem = outcome.error().word + ": " + outcome.error().problem;
        return false;
    }
    return !outcome->complaint;
}

void Trial::send(const Shot& shot, fw::Ruleset& ruleset) {
    if (impossible(shot, scenario_.dialect)) {
        ++score_.impossible;
        return;
    }
    if (manner_.translated && (!differences_.empty() || !is_loaded())) {
        return;  // what went wrong says enough
    }
    ++score_.sent;
    Journey journey(ruleset, network_, probes_, scenario_.tracking, score_.tally,
                    manner_.translated.has_value());
    for (std::string& difference : journey.travel(shot)) {
        differs(std::move(difference));
    }
}

void Trial::send_all(fw::Ruleset& ruleset) {
    for (const Step& step : scenario_.steps) {
        if (const auto* shot = std::get_if<Shot>(&step)) {
            send(*shot, ruleset);
        }
    }
}

void Trial::compare_counters() {
    const fw::Result<fw::Ruleset> fetched = store_->fetch();
    if (!fetched) {
        differs("the table can't be read back: " + fetched.error().problem);
    } else if (*fetched != ruleset_) {
        differs("rules or counters differ; the kernel has\n" + listing(*fetched) +
                "\nthe model has\n" + listing(ruleset_));
    }
}

// What nft prints must, loaded again, act and count as it did: both get all the packets once more.
void Trial::reload() {
    const Run saved = packets::run({"nft", "list", "ruleset"}, "");
    send_all(ruleset_);
    const Run once_more = packets::run({"nft", "list", "ruleset"}, "");
    const Run loaded = packets::run({"nft", "-f", "-"}, "flush ruleset\n" + saved.output);
    if (saved.status != 0 || once_more.status != 0 || loaded.status != 0) {
        differs("nft can't load again what it has listed: " + loaded.output);
        return;
    }
    send_all(ruleset_);
    const Run again = packets::run({"nft", "list", "ruleset"}, "");
    if (const std::string lines = changed_lines(once_more.output, again.output); !lines.empty()) {
        differs("reloaded by nft, the table lists or counts otherwise:" + lines);
    }
    ++score_.reloaded;
}

}  // namespace

std::vector<std::string> try_scenario(const Scenario& scenario, const Manner& manner,
                                      Score& score) {
    return Trial(scenario, manner, score).run();
}

Problem what_is_missing() {
    if (geteuid() != 0) {
        return "needs root";
    }
    Network network;
    Probes probes(network);
    if (Problem problem = network.enter()) {
        return problem;
    }
    if (Problem problem = network.interface("eth0")) {
        return problem;
    }
    if (Problem problem = network.forget_connections()) {
        return problem;
    }
    if (Problem problem = probes.start(Tracking::yes)) {
        return problem;
    }
    const auto store = fw::open_kernel_store();
    return store ? Problem() : store.error().problem;
}

Score& Score::operator+=(const Score& other) {
    passed += other.passed;
    failed += other.failed;
    sent += other.sent;
    impossible += other.impossible;
    commands += other.commands;
    refused += other.refused;
    left_out += other.left_out;
    translated += other.translated;
    reloaded += other.reloaded;
    tally += other.tally;
    return *this;
}

}  // namespace packets
