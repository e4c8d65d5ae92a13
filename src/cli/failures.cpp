#include "cli/command.hpp"
#include "run/link.hpp"
#include "store/store.hpp"

#include <CLI/CLI.hpp>

#include <boost/json.hpp>

#include <cstdio>
#include <memory>

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
                              {"last_at", letter.last_at}};
    std::printf("%s\n", json::serialize(object).c_str());
}

void print_csv(const store::DeadLetterRecord& letter) {
    std::printf("%s,%u,%s,%s,%s,%s\r\n", csv_field(display(letter.key)).c_str(), letter.attempts,
                csv_field(letter.error_class).c_str(), csv_field(letter.reason).c_str(), letter.first_at.c_str(),
                letter.last_at.c_str());
}

void print_text(const store::DeadLetterRecord& letter) {
    std::printf("%s  [%s, %u attempt%s, %s]\n    %s\n", display(letter.key).c_str(), letter.error_class.c_str(),
                letter.attempts, letter.attempts == 1 ? "" : "s", letter.last_at.c_str(), letter.reason.c_str());
}

int failures(const Flags& flags) {
    const db::Connector connector{db::resolve_login(flags.connection.login), {}};
    const auto session = run::connect_first(connector, false);
    store::Store store{*session, flags.connection.schema_or("rowmill")};
    require_store(store, connector);
    if (!store.find_run(flags.run))
        throw Error{ErrorKind::usage, "there is no run " + std::to_string(flags.run) +
                                          " in this store; rowmill status --all lists those "
                                          "there are"};
    if (flags.csv) std::printf("key,attempts,class,error,first_at,last_at\r\n");
    std::uint64_t count = 0;
    store.stream_dead_letters(flags.run, flags.error_class, [&](const store::DeadLetterRecord& letter) {
        ++count;
        if (flags.json)
            print_json(letter);
        else if (flags.csv)
            print_csv(letter);
        else
            print_text(letter);
    });
    if (count == 0 && !flags.json && !flags.csv) std::printf("no dead letters\n");
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
        ->add_option("--class", flags->error_class, "Only those of this class: the server's error number, such as 1062")
        ->type_name("CLASS");
    flags->connection.add_to(*command);
    command->callback([flags, &chosen] { chosen = [flags] { return failures(*flags); }; });
}

}  // namespace rowmill::cli
