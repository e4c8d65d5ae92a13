#include "cli/command.hpp"
#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "run/link.hpp"
#include "run/required.hpp"
#include "store/store.hpp"

#include <CLI/CLI.hpp>

#include <boost/json.hpp>

#include <algorithm>
#include <cstdio>
#include <functional>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace rowmill::cli {
namespace {

struct Flags {
    ConnectionFlags connection;
    std::uint64_t run = 0;
    std::string error_class;
    bool json = false;
    bool csv = false;
};

std::string csv_field(const std::string& text) {
    if (text.find_first_of(",\"\r\n") == std::string::npos) return text;
    std::string quoted = "\"";
    for (const char character : text) {
        if (character == '"') quoted += '"';
        quoted += character;
    }
    return quoted + "\"";
}

/// An object; text where it was too long to be stored whole.
boost::json::value item_of(const store::DeadLetterRecord& letter) {
    if (letter.item.empty()) return nullptr;
    boost::system::error_code cut;
    boost::json::value item = boost::json::parse(letter.item, cut);
    return cut ? boost::json::value(letter.item) : item;
}

void print_json(const store::DeadLetterRecord& letter) {
    namespace json = boost::json;
    json::array key;
    for (const Value& part : letter.key) {
        if (part.is_null())
            key.emplace_back(nullptr);
        else
            key.emplace_back(part.type() == ValueType::bytes ? display(part) : part.text());
    }
    const json::object object{{"run", letter.run},           {"key", std::move(key)},  {"attempts", letter.attempts},
                              {"class", letter.error_class}, {"error", letter.reason}, {"first_at", letter.first_at},
                              {"last_at", letter.last_at},   {"item", item_of(letter)}};
    std::printf("%s\n", json::serialize(object).c_str());
}

void print_csv(const store::DeadLetterRecord& letter) {
    std::printf("%s,%u,%s,%s,%s,%s,%s\r\n", csv_field(display(letter.key)).c_str(), letter.attempts,
                csv_field(letter.error_class).c_str(), csv_field(letter.reason).c_str(), letter.first_at.c_str(),
                letter.last_at.c_str(), csv_field(letter.item).c_str());
}

/// What a command wrote or a server answered is shown on a terminal: it must not be able to drive it.
void print_text(const store::DeadLetterRecord& letter) {
    const std::string times =
        letter.first_at == letter.last_at ? letter.last_at : letter.first_at + " to " + letter.last_at;
    std::printf("%s  [%s, %u attempt%s, %s]\n    %s\n", display(letter.key).c_str(),
                progress::harmless(letter.error_class).c_str(), letter.attempts, letter.attempts == 1 ? "" : "s",
                times.c_str(), progress::harmless(letter.reason).c_str());
}

/// How many there were of each class, the most frequent first; of classes beyond the tenth only how many in all.
void print_summary(const std::map<std::string, std::uint64_t>& counts) {
    constexpr std::size_t most_named = 10;
    std::vector<std::pair<std::string, std::uint64_t>> classes{counts.begin(), counts.end()};
    std::ranges::stable_sort(classes, std::greater{}, &std::pair<std::string, std::uint64_t>::second);
    std::string line;
    std::uint64_t others = 0;
    for (std::size_t i = 0; i < classes.size(); ++i) {
        const auto& [name, count] = classes[i];
        if (i >= most_named)
            others += count;
        else
            line += (i == 0 ? "" : ", ") + progress::grouped(count) + " of class " + progress::harmless(name);
    }
    if (others > 0) line += ", " + progress::grouped(others) + " of other classes";
    std::printf("%s\n", line.empty() ? "no dead letters" : line.c_str());
}

int failures(const Flags& flags) {
    const db::Connector connector{db::resolve_login(flags.connection.login), {}};
    const auto session = run::connect_first(connector, false);
    store::Store store{*session, flags.connection.schema_or("rowmill")};
    run::require_store(store, connector);
    run::require_run(store, flags.run);
    if (flags.csv) std::printf("key,attempts,class,error,first_at,last_at,item\r\n");
    std::map<std::string, std::uint64_t> counts;
    store.stream_dead_letters(flags.run, flags.error_class, [&](const store::DeadLetterRecord& letter) {
        if (flags.json) return print_json(letter);
        if (flags.csv) return print_csv(letter);
        print_text(letter);
        ++counts[letter.error_class];
    });
    if (!flags.json && !flags.csv) print_summary(counts);
    return run::ExitCode::succeeded;
}

}  // namespace

void add_failures(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "failures", "The dead letters of a run: key, error, attempts");
    command->add_option("RUN", flags->run, "Run id")->type_name("")->required();
    command->add_flag("--json", flags->json, "A JSON object a line");
    command->add_flag("--csv", flags->csv, "CSV with a header")->excludes("--json");
    command
        ->add_option("--class", flags->error_class,
                     "Only those of this class, as it is shown: 1062, exit 1, timeout, 503 …")
        ->type_name("CLASS");
    flags->connection.add_to(*command);
    command->callback([flags, &chosen] { chosen = [flags] { return failures(*flags); }; });
}

}  // namespace rowmill::cli
