#include "run/outside_work.hpp"

#include "action/exec_command.hpp"
#include "action/none.hpp"
#include "action/outside.hpp"

#include <algorithm>
#include <limits>

namespace rowmill::run {
namespace {

/// `none` is bound by how fast pages come: large ones, and one call for each.
constexpr std::uint64_t reading_page = 10000;
constexpr std::uint64_t most_page = 1000;
constexpr std::uint64_t least_gap = 10000;
/// More threads than this do not help; coroutines do.
constexpr std::uint64_t most_threads = 4096, usual_threads = 256;

/// All requests of a job go to one host: those beyond its limit would only use up their time waiting.
std::uint64_t concurrency_of(const Request& request) {
    const std::uint64_t most = request.job.run.concurrency;
    return request.job.action.kind == "http" ? std::min<std::uint64_t>(most, request.job.action.per_host) : most;
}

action::Outside outside_of(const Request& request) {
    return {.job = request.job,
            .params = request.params,
            .run = 0,
            .run_token = {},
            .slots = static_cast<unsigned>(concurrency_of(request)),
            .log = [](const std::string&) {}};
}

/// Of calls with several rows there are fewer than rows; some, such as those of retries, have one.
std::uint64_t threads_for(std::uint64_t rows, std::uint64_t rows_a_call) {
    return std::max(rows / std::max<std::uint64_t>(rows_a_call, 1), std::min(rows, usual_threads));
}

std::shared_ptr<engine::Action> command_or_request(const action::Outside& outside) {
    return outside.job.action.kind == "exec" ? action::exec_action(outside) : action::http_action(outside);
}

}  // namespace

void check_outside(const Request& request) {
    const std::string& kind = request.job.action.kind;
    if (kind != "exec" && kind != "http") return;
    try {
        command_or_request(outside_of(request));
        if (kind == "exec") action::CommandTemplate{outside_of(request)}.check_program();
    } catch (const Error& error) {
        const std::string place = request.job.file.empty() ? "" : request.job.file + ": ";
        throw Error{error.kind(), place + conceal(request, error).what()};
    }
}

std::function<void(const std::string&)> item_log(const Request& request, progress::Hub& hub) {
    return [&request, &hub](const std::string& line) {
        hub.detail(conceal(request, line));
    };
}

std::shared_ptr<engine::Action> outside_action(const Request& request, const Preparation& preparation,
                                               const store::RunRecord& run, progress::Hub& hub) {
    const job::Job& job = request.job;
    const std::string& kind = job.action.kind;
    if (kind == "sql") return nullptr;
    if (kind == "none") return std::make_shared<action::NoneAction>();
    if (kind == "handler") {
        if (!request.handler) throw Error{ErrorKind::usage, "this job's work is a program's own code: run it by that program"};
        return request.handler({.run = run.id,
                                .job = job.name,
                                .run_token = run.token,
                                .slots = job.run.concurrency,
                                .target = preparation.target,
                                .params = request.params,
                                .secrets = secrets_of(request),
                                .log = item_log(request, hub)});
    }
    action::Outside outside = outside_of(request);
    outside.run = run.id;
    outside.run_token = run.token;
    outside.log = item_log(request, hub);
    return command_or_request(outside);
}

void set_outside(engine::Settings& settings, const Request& request) {
    const job::RunSpec& spec = request.job.run;
    settings.checkpoint_interval = spec.checkpoint_interval;
    settings.checkpoint_items = std::max<std::uint64_t>(spec.checkpoint_items, 1);
    if (request.job.action.kind == "none") {
        settings.concurrency = 0;
        settings.page_items = settings.call_items = spec.batch_given ? spec.batch : reading_page;
        settings.batch_is_a_call = true;
        settings.max_gap = 4 * settings.page_items;
        // Nothing is done twice where nothing is done.
        if (!spec.checkpoint_items_given) settings.checkpoint_items = std::numeric_limits<std::uint64_t>::max();
        return;
    }
    settings.concurrency = concurrency_of(request);
    settings.call_items = std::max<std::uint64_t>(request.handler_items, 1);
    settings.batch_is_a_call = request.handler_items > 1;
    settings.page_items = std::max(most_page, settings.call_items);
    settings.max_gap = std::max<std::uint64_t>(least_gap, 4 * settings.concurrency);
    settings.timeout = spec.timeout;
}

unsigned pool_threads(const Request& request, const engine::Action* action) {
    if (action == nullptr) return request.job.run.workers + 1;
    if (action->runs_on() != engine::Where::blocking) return 2;
    const std::uint64_t rows = request.job.run.concurrency;
    const std::uint64_t threads = threads_for(rows, request.handler_items);
    if (threads > most_threads)
        throw Error{ErrorKind::usage, "concurrency " + std::to_string(rows) +
                                          " would be as many threads: make the handler a coroutine, or stay below " +
                                          std::to_string(most_threads)};
    return static_cast<unsigned>(threads + 1);
}

std::uint64_t make_room(const Request& request, engine::Action* action, engine::Pool& pool, std::uint64_t items) {
    if (action == nullptr) return std::min<std::uint64_t>(items, request.job.run.workers);
    if (action->runs_on() != engine::Where::blocking) return action->make_room(items);
    const std::uint64_t room = std::min(action->make_room(items), most_threads * std::max<std::uint64_t>(request.handler_items, 1));
    pool.grow(static_cast<unsigned>(std::min(threads_for(room, request.handler_items), most_threads) + 1));
    return room;
}

}  // namespace rowmill::run
