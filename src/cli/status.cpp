#include "cli/command.hpp"
#include "cli/status_text.hpp"
#include "cli/watch.hpp"
#include "progress/render.hpp"
#include "run/link.hpp"
#include "run/required.hpp"
#include "run/snapshot.hpp"
#include "store/store.hpp"

#include <CLI/CLI.hpp>

#include <cstdio>
#include <memory>

namespace rowmill::cli {
namespace {

constexpr std::size_t most_listed = 100;

struct Flags {
    ConnectionFlags connection;
    std::optional<std::uint64_t> run;
    bool json = false;
    bool all = false;
    bool watch = false;
};

std::vector<store::RunRecord> chosen_runs(const Flags& flags, store::Store& store) {
    if (flags.all) return store.list_runs(most_listed);
    if (flags.run) return {run::require_run(store, *flags.run)};
    if (const auto newest = store.newest_run()) return {*newest};
    throw Error{ErrorKind::usage, "there is no run in this store yet"};
}

/// The run that is watched: the one that was named, or that was the newest at the first look.
int watch_run(const Flags& flags, const db::Connector& connector, std::unique_ptr<db::Session> session) {
    std::optional<store::RunId> run = flags.run;
    const auto look = [&] {
        try {
            if (!session) session = connector.connect(false);
            store::Store store{*session, flags.connection.schema_or("rowmill")};
            run::require_store(store, connector);
            Flags one = flags;
            one.run = run;
            const store::RunRecord record = chosen_runs(one, store).front();
            run = record.id;
            return run::snapshot_of(store, record);
        } catch (const Error&) {
            session.reset();
            throw;
        }
    };
    watch(look, flags.json);
    return run::ExitCode::succeeded;
}

int status(const Flags& flags) {
    if (flags.watch && flags.all) throw Error{ErrorKind::usage, "--watch shows one run, --all lists them: choose one of them"};
    const db::Connector connector{db::resolve_login(flags.connection.login), {}};
    auto session = run::connect_first(connector, false);
    if (flags.watch) return watch_run(flags, connector, std::move(session));
    store::Store store{*session, flags.connection.schema_or("rowmill")};
    run::require_store(store, connector);
    std::vector<progress::Snapshot> snapshots;
    for (const store::RunRecord& run : chosen_runs(flags, store)) snapshots.push_back(run::snapshot_of(store, run));
    if (!flags.json) {
        for (const progress::Snapshot& now : snapshots) std::fputs(status_text(now).c_str(), stdout);
        return run::ExitCode::succeeded;
    }
    std::string text;
    for (const progress::Snapshot& now : snapshots) text += (text.empty() ? "" : ",\n") + progress::to_json(now);
    std::printf(flags.all ? "[%s]\n" : "%s\n", text.c_str());
    return run::ExitCode::succeeded;
}

}  // namespace

void add_status(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "status", "How a run stands: the newest, where none is named");
    command->add_option("RUN", flags->run, "Run id")->type_name("");
    command->add_flag("--json", flags->json, "One JSON object (with --all: a list)");
    command->add_flag("--all", flags->all, "The last 100 runs");
    command->add_flag("--watch", flags->watch, "Once a second, until the run ends");
    flags->connection.add_to(*command);
    command->callback([flags, &chosen] { chosen = [flags] { return status(*flags); }; });
}

}  // namespace rowmill::cli
