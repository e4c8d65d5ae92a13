#include "cli/command.hpp"
#include "cli/job_flags.hpp"
#include "cli/run_flags.hpp"
#include "run/link.hpp"
#include "store/store.hpp"

#include <CLI/CLI.hpp>

#include <memory>

namespace rowmill::cli {
namespace {

constexpr const char* footer =
    "Its dead letters become rows to be worked on again, under the job's own rules, with as many attempts as the first time. Those\n"
    "that succeed are dead letters no more. Where none is left it says so and exits 0.\n\n"
    "Examples:\n"
    "  rowmill retry 7                         all dead letters of run 7\n"
    "  rowmill retry 7 --class 1062            those of one kind, as rowmill failures shows it\n"
    "  rowmill retry 7 --key 42 --key 43       those of two rows\n";

struct Flags {
    JobFlags job;
    RunFlags run;
    std::uint64_t id = 0;
    std::string error_class;
    std::vector<std::string> keys;
    std::string file;
};

/// How the run was begun.
store::RunRecord begun(const Flags& flags) {
    const db::Connector connector{db::resolve_login(flags.job.connection.login), {}};
    const auto session = run::connect_first(connector, false);
    store::Store store{*session, flags.job.connection.schema_or("rowmill")};
    require_store(store, connector);
    if (auto run = store.find_run(flags.id)) return *run;
    throw Error{ErrorKind::usage, "there is no run " + std::to_string(flags.id) +
                                      " in this store; rowmill status --all lists those there are"};
}

/// Of the types that the run's key has.
std::vector<Key> keys_of(const store::RunRecord& run, const std::vector<std::string>& texts) {
    std::vector<ValueType> types;
    for (const Value& part : run.bound_upto) types.push_back(part.type());
    std::vector<Key> keys;
    for (const std::string& text : texts) keys.push_back(parse_key(text, types));
    return keys;
}

int retry(Flags flags) {
    const store::RunRecord run = begun(flags);
    if (!flags.file.empty())
        flags.job.file = flags.file;
    else
        flags.job.take_definition(run.definition);
    run::Request request = flags.job.request();
    request.retry = {.run = flags.id, .error_class = flags.error_class, .keys = keys_of(run, flags.keys)};
    return flags.run.run(std::move(request));
}

}  // namespace

void add_retry(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "retry", "Try the dead letters of a run again");
    command->add_option("RUN", flags->id, "Run id")->type_name("")->required();
    command->add_option("--class", flags->error_class, "Only those of this class, as rowmill failures shows it")
        ->type_name("CLASS");
    command->add_option("--key", flags->keys, "Only the row of this key, as rowmill failures shows it; may be repeated")
        ->type_name("KEY")
        ->take_all()
        ->allow_extra_args(false);
    command->add_option("--job", flags->file, "The job file, where it is not where it was")->type_name("FILE");
    flags->run.add_usual_to(*command);
    flags->job.add_settings_to(*command);
    flags->job.connection.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return retry(*flags); }; });
}

}  // namespace rowmill::cli
