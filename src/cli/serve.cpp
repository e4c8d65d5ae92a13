#include "cli/serve.hpp"

#include "cli/signals.hpp"
#include "progress/program_name.hpp"
#include "run/background.hpp"
#include "run/desk.hpp"
#include "run/link.hpp"
#include "run/required.hpp"

#include <CLI/CLI.hpp>

#include <condition_variable>
#include <cstdio>
#include <cstdlib>
#include <memory>
#include <mutex>

namespace rowmill::cli {
namespace {

constexpr const char* footer =
    "Shows every run of the store, whoever works on it, and begins runs of the job files in the folder, as background\n"
    "jobs of its own. Runs live in the store: stopped, killed or started again, it shows them as they are, and what it had\n"
    "begun itself goes on with one click, or with `rowmill resume`.\n\n"
    "Examples:\n"
    "  rowmill serve --jobs jobs/ -D shop\n"
    "  rowmill serve --listen 0.0.0.0:8443 --token-file token --tls-cert cert.pem --tls-key key.pem\n"
    "  curl -N http://127.0.0.1:8080/runs/7/progress             a run's progress as lines, until it ends\n";

/// The first look at the run store, which is made, or brought up to date, where it may be.
void open_store(const db::Connector& connector, const std::string& schema, bool is_read_only) {
    const auto session = run::connect_first(connector, !is_read_only);
    store::Store store{*session, schema};
    if (is_read_only) return run::require_store(store, connector);
    if (!store.is_current()) store.migrate();
}

void wait_for(const std::stop_token& asked) {
    std::mutex mutex;
    std::condition_variable_any stopped;
    std::unique_lock lock{mutex};
    stopped.wait(lock, asked, [&] { return asked.stop_requested(); });
}

void say(const std::string& sentence) {
    std::fprintf(stderr, "%s: %s\n", progress::program_name().c_str(), sentence.c_str());
}

/// Finishes what is in flight; told once more, drops it.
void drain(run::BackgroundRuns& runs, const engine::Stopping& stopping) {
    if (const std::size_t count = runs.count(); count > 0)
        say(stopping.why() + ": finishing what is in flight of " + std::to_string(count) + (count == 1 ? " run" : " runs") +
            "; once more leaves at once");
    runs.stop(stopping.why());
    const std::stop_callback on_drop{stopping.dropping(), [&] { runs.stop(stopping.why()); }};
    runs.wait();
}

struct Flags {
    ConnectionFlags connection;
    ServeFlags serve;
    std::string listen = "127.0.0.1:8080", jobs;
};

int serve_folder(const Flags& flags) {
    const auto catalog = flags.jobs.empty() ? run::empty_catalog()
                                            : run::job_folder(flags.jobs, db::resolve_login(flags.connection.login),
                                                              flags.connection.schema_or("rowmill"));
    return serve(flags.connection, flags.serve, flags.listen, *catalog);
}

}  // namespace

int serve(const ConnectionFlags& connection, const ServeFlags& flags, const std::string& address, run::Catalog& catalog) {
    const web::ServerOptions options = flags.server_at(address);
    const web::SiteOptions site_options = flags.site();
    const db::Connector connector{db::resolve_login(connection.login), {}};
    const std::string schema = connection.schema_or("rowmill");
    open_store(connector, schema, flags.is_read_only);
    engine::Stopping stopping;
    const Signals signals{stopping};
    progress::Channels channels;
    run::BackgroundRuns runs{channels};
    {
        const auto desk = run::make_desk(connector, schema, catalog, runs, channels);
        web::Site site{*desk, site_options};
        const web::Server server{options, [&site](const web::Request& request) { return site.answer(request); },
                                 [&site](const web::Request& request) { return site.effort(request); }};
        say(server.url() + "/ — Ctrl+C stops it; runs begun here can be resumed");
        wait_for(stopping.draining());
        drain(runs, stopping);
    }
    const int exit_code = stopping.is_dropping() ? run::ExitCode::stopped : run::ExitCode::succeeded;
    if (runs.has_left_behind()) {
        std::fflush(nullptr);
        std::_Exit(exit_code);
    }
    return exit_code;
}

void add_serve(CLI::App& app, Action& chosen) {
    const auto flags = std::make_shared<Flags>();
    CLI::App* command = add_command(app, "serve", "Show runs, and begin them, in a browser");
    command->add_option("--listen", flags->listen, "Where; :8080 or 8080 is this machine alone")->type_name("HOST:PORT")->capture_default_str();
    command->add_option("--jobs", flags->jobs, "Folder of the job files (*.toml) that may be begun")->type_name("FOLDER");
    flags->serve.add_to(*command);
    flags->connection.add_to(*command);
    command->footer(footer);
    command->callback([flags, &chosen] { chosen = [flags] { return serve_folder(*flags); }; });
}

}  // namespace rowmill::cli
