#include "cli/watched_run.hpp"

#include "run/background.hpp"
#include "run/desk.hpp"
#include "run/preparation.hpp"

#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace rowmill::cli {
namespace {

/// For the last answers to be on their way; no longer, whoever reads them slowly.
constexpr std::chrono::milliseconds longest_farewell{2000}, farewell_step{10};

std::unique_ptr<web::Server> listen(const ServeFlags& flags, const std::string& address, const web::Handler& handler) {
    if (!address.empty()) return std::make_unique<web::Server>(flags.server_at(address), handler);
    try {
        return std::make_unique<web::Server>(flags.server_at("127.0.0.1:8080"), handler);
    } catch (const Error&) {
        // Another run's, most likely. Nobody asked for this port.
        return std::make_unique<web::Server>(flags.server_at("127.0.0.1:0"), handler);
    }
}

/// Tells the end to whoever watches a run that this process leaves, and waits until they have it.
void say_goodbye(const std::shared_ptr<progress::Channel>& channel) {
    if (!channel) return;
    const auto last = channel->now();
    channel->end(last ? *last : progress::Snapshot{});
    const auto until = std::chrono::steady_clock::now() + longest_farewell;
    while (channel->subscribers() > 0 && std::chrono::steady_clock::now() < until) std::this_thread::sleep_for(farewell_step);
}

}  // namespace

int work_watched(run::Request request, progress::Hub& hub, engine::Stopping& stopping, const ServeFlags& flags, const std::string& address) {
    const auto no_jobs = run::empty_catalog();
    progress::Channels channels;
    run::BackgroundRuns runs{channels};
    const auto desk = run::make_desk(run::store_connector(request), request.job.store_schema, *no_jobs, runs, channels);
    web::Site site{*desk, flags.site()};
    const auto server = listen(flags, address, [&site](const web::Request& asked) { return site.answer(asked); });
    std::shared_ptr<progress::Channel> channel;
    request.begun = [&](std::uint64_t run) {
        channel = channels.of(run);
        hub.note("live at " + server->url() + "/runs/" + std::to_string(run));
    };
    const int exit_code = runs.work_here(std::move(request), hub, stopping);
    say_goodbye(channel);
    return exit_code;
}

}  // namespace rowmill::cli
