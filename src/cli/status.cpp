#include "cli/command.hpp"
#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/program_name.hpp"
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
    throw Error{ErrorKind::usage, flags.run ? "there is no run " + std::to_string(*flags.run) +
                                                  " in this store; " + progress::program_name() +
                                                  " status --all lists those there are"
                                            : "there is no run in this store yet"};
}

void print_row(const char* label, const std::string& text) {
    if (!text.empty()) std::printf("  %-13s%s\n", label, progress::harmless(text).c_str());
}

std::string settled(const progress::Snapshot& now) {
    std::string text = progress::grouped(now.settled);
    if (now.total) text += (now.total_is_exact ? " of " : " of about ") + progress::grouped(*now.total);
    if (const auto percent = progress::shown_percent(now)) text += " (" + progress::percent_text(*percent) + ")";
    return text;
}

std::string outcomes(const progress::Snapshot& now) {
    std::string text = progress::grouped(now.succeeded) + " succeeded · " + progress::grouped(now.skipped) +
                       " skipped · " + progress::grouped(now.failed) + " failed";
    if (now.waiting_retry > 0) text += " · " + progress::grouped(now.waiting_retry) + " waiting to retry";
    return text;
}

void print_text(const progress::Snapshot& now) {
    const std::string id = std::to_string(now.run);
    std::printf("run %s · %s: %s\n", id.c_str(), progress::harmless(now.job).c_str(), now.state.c_str());
    print_row("settled", settled(now));
    print_row("outcomes", outcomes(now));
    print_row("up to", "key " + now.bound + ", in " + progress::grouped(now.sacks_total) + " sacks, of which " +
                           progress::grouped(now.sacks_done) + " are done");
    print_row("server", now.server);
    print_row("started", now.started_at);
    print_row("finished", now.finished_at);
    for (const progress::WorkerView& worker : now.workers)
        print_row("worker", "process " + std::to_string(worker.pid) + " on " + worker.host + ", lease until " +
                                worker.lease_expires_at);
    print_row("last error", now.last_error);
    if (now.dead_letters > 0)
        print_row("dead letters", progress::grouped(now.dead_letters) + ": see " + progress::program_name() + " failures " + id);
    if (now.state == "interrupted" || now.state == "failed")
        print_row("next", "run the job again, and it goes on where it stopped");
}

int status(const Flags& flags) {
    const db::Connector connector{db::resolve_login(flags.connection.login), {}};
    const auto session = run::connect_first(connector, false);
    store::Store store{*session, flags.connection.schema_or("rowmill")};
    require_store(store, connector);
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
    CLI::App* command = add_command(app, "status", "How a run stands: the newest, where none is named");
    command->add_option("RUN", flags->run, "Run id")->type_name("");
    command->add_flag("--json", flags->json, "One JSON object (with --all: a list)");
    command->add_flag("--all", flags->all, "The last 100 runs");
    flags->connection.add_to(*command);
    command->callback([flags, &chosen] { chosen = [flags] { return status(*flags); }; });
}

}  // namespace rowmill::cli
