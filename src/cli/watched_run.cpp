#include "cli/watched_run.hpp"

#include "run/background.hpp"
#include "run/desk.hpp"
#include "run/preparation.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <utility>

namespace rowmill::cli {
namespace {

using Clock = std::chrono::steady_clock;

/// However slowly somebody reads.
constexpr std::chrono::milliseconds longest_farewell{2000};
/// Who was answered may ask on, as a page does that is told of the end.
constexpr std::chrono::milliseconds last_question{300};
constexpr std::chrono::milliseconds farewell_step{10};

/// A site, and whether it is being asked.
class Reception {
public:
    explicit Reception(web::Site& site) : site_{site} {}

    web::Response answer(const web::Request& request) {
        const Asking asking{*this};
        return site_.answer(request);
    }
    bool is_quiet() const { return asking_ == 0 && Clock::now() - last_answer_.load() > last_question; }

private:
    /// One who asks, until there is an answer, or none was to be had.
    struct Asking {
        explicit Asking(Reception& asked) : reception{asked} { ++reception.asking_; }
        ~Asking() {
            reception.last_answer_ = Clock::now();
            --reception.asking_;
        }
        Asking(const Asking&) = delete;
        Asking& operator=(const Asking&) = delete;

        Reception& reception;
    };

    web::Site& site_;
    std::atomic<int> asking_ = 0;
    std::atomic<Clock::time_point> last_answer_{};
};

std::unique_ptr<web::Server> listen(const ServeFlags& flags, const std::string& address, const web::Handler& handler,
                                    const web::Estimate& estimate) {
    if (!address.empty()) return std::make_unique<web::Server>(flags.server_at(address), handler, estimate);
    try {
        return std::make_unique<web::Server>(flags.server_at("127.0.0.1:8080"), handler, estimate);
    } catch (const Error&) {
        // Another run's, most likely. Nobody asked for this port.
        return std::make_unique<web::Server>(flags.server_at("127.0.0.1:0"), handler, estimate);
    }
}

/// Tells the end to whoever watches a run that this process leaves, and waits until they have it.
void say_goodbye(const std::shared_ptr<progress::Channel>& channel, const Reception& reception) {
    if (!channel) return;
    const auto last = channel->now();
    channel->end(last ? *last : progress::Snapshot{});
    const auto until = Clock::now() + longest_farewell;
    while ((channel->subscribers() > 0 || !reception.is_quiet()) && Clock::now() < until) std::this_thread::sleep_for(farewell_step);
}

}  // namespace

int work_watched(run::Request request, progress::Hub& hub, engine::Stopping& stopping, const ServeFlags& flags, const std::string& address) {
    const auto no_jobs = run::empty_catalog();
    progress::Channels channels;
    run::BackgroundRuns runs{channels};
    const auto desk = run::make_desk(run::store_connector(request), request.job.store_schema, *no_jobs, runs, channels);
    web::Site site{*desk, flags.site()};
    Reception reception{site};
    const auto server = listen(flags, address, [&reception](const web::Request& asked) { return reception.answer(asked); },
                               [&site](const web::Request& asked) { return site.effort(asked); });
    std::shared_ptr<progress::Channel> channel;
    request.begun = [&](std::uint64_t run) {
        channel = channels.of(run);
        hub.note("live at " + server->url() + "/runs/" + std::to_string(run));
    };
    const int exit_code = runs.work_here(std::move(request), hub, stopping);
    say_goodbye(channel, reception);
    return exit_code;
}

}  // namespace rowmill::cli
