#include "cli/command.hpp"
#include "progress/render.hpp"
#include "run/link.hpp"
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
};

std::vector<store::RunRecord> chosen_runs(const Flags& flags, store::Store& store) {
    if (flags.all) return store.list_runs(most_listed);
    const auto run = flags.run ? store.find_run(*flags.run) : store.newest_run();
    if (run) return {*run};
    throw Error{ErrorKind::usage, flags.run ? "there is no run " + std::to_string(*flags.run) + " in this store; "
                                                  "rowmill status --all lists those there are"
                                            : "no run yet"};
}

void print_text(const progress::Snapshot& now) {
    std::printf("run %llu of %s: %s\n", static_cast<unsigned long long>(now.run), now.job.c_str(), now.state.c_str());
    std::printf("  %s\n", progress::to_line(now).c_str());
    std::printf("  up to key %s, sacks %llu of %llu done, on %s\n", now.bound.c_str(),
                static_cast<unsigned long long>(now.sacks_done), static_cast<unsigned long long>(now.sacks_total),
                now.server.c_str());
    std::printf("  started %s%s%s\n", now.started_at.c_str(), now.finished_at.empty() ? "" : ", finished ",
                now.finished_at.c_str());
    for (const progress::WorkerView& worker : now.workers)
        std::printf("  worked on by process %llu on %s, lease until %s\n", static_cast<unsigned long long>(worker.pid),
                    worker.host.c_str(), worker.lease_expires_at.c_str());
    if (!now.last_error.empty()) std::printf("  last error: %s\n", now.last_error.c_str());
    if (now.dead_letters > 0)
        std::printf("  dead letters: rowmill failures %llu\n", static_cast<unsigned long long>(now.run));
    if (now.state == "interrupted" || now.state == "failed") std::printf("  run the job again to go on with it\n");
}

int status(const Flags& flags) {
    const auto session = run::connect_first({db::resolve_login(flags.connection.login), {}}, false);
    store::Store store{*session, flags.connection.schema_or("rowmill")};
    if (!store.is_current())
        throw Error{ErrorKind::usage, "no run store " + store.schema() + " here; rowmill init creates one"};
    std::vector<progress::Snapshot> snapshots;
    for (const store::RunRecord& run : chosen_runs(flags, store)) snapshots.push_back(run::snapshot_of(store, run));
    if (!flags.json) {
        for (const progress::Snapshot& now : snapshots) print_text(now);
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
    CLI::App* command = add_command(app, "status", "How a run stands; the newest where none is named");
    command->add_option("RUN", flags->run, "Run id");
    command->add_flag("--json", flags->json, "One JSON object (with --all: a list)");
    command->add_flag("--all", flags->all, "The last 100 runs");
    flags->connection.add_to(*command);
    command->callback([flags, &chosen] { chosen = [flags] { return status(*flags); }; });
}

}  // namespace rowmill::cli
