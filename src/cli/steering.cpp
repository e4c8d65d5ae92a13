#include "cli/steering.hpp"

#include "progress/program_name.hpp"
#include "run/link.hpp"
#include "run/report.hpp"
#include "run/snapshot.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace rowmill::cli {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::chrono::seconds longest_wait{2}, longest_leaving{3};
constexpr std::chrono::milliseconds look_interval{50};

/// Whether it came to hold in time.
template <typename Condition>
bool comes_true(std::chrono::milliseconds limit, Condition condition) {
    const auto until = Clock::now() + limit;
    while (!condition()) {
        if (Clock::now() >= until) return false;
        std::this_thread::sleep_for(look_interval);
    }
    return true;
}

}  // namespace

Steering::Steering(const ConnectionFlags& connection, std::uint64_t run)
    : connector_{db::resolve_login(connection.login), {}},
      session_{run::connect_first(connector_, true)},
      store_{std::make_unique<store::Store>(*session_, connection.schema_or("rowmill"))},
      id_{run} {
    require_store(*store_, connector_);
    this->run();
}

store::RunRecord Steering::run() {
    if (auto run = store_->find_run(id_)) return *std::move(run);
    throw Error{ErrorKind::usage, "there is no " + name() + " in this store; " + progress::program_name() +
                                      " status --all lists those there are"};
}

std::vector<store::WorkerRecord> Steering::live_workers() {
    std::vector<store::WorkerRecord> workers = store_->workers(id_);
    std::erase_if(workers, [](const store::WorkerRecord& worker) { return !run::is_alive(worker); });
    return workers;
}

bool Steering::is_worked_on() {
    return !std::ranges::all_of(live_workers(), [](const store::WorkerRecord& worker) {
        return run::decode_report(worker.report).is_leaving;
    });
}

std::string Steering::wait_until_taken_up() {
    const auto control = store_->read_control(id_);
    const std::uint64_t asked = control ? control->seq : 0;
    std::size_t workers = 0, behind = 0;
    comes_true(longest_wait, [&] {
        const auto alive = live_workers();
        workers = alive.size();
        behind = static_cast<std::size_t>(std::ranges::count_if(alive, [&](const store::WorkerRecord& worker) {
            return run::decode_report(worker.report).control_seq < asked;
        }));
        return behind == 0;
    });
    if (workers == 0) return {};
    if (behind == 0) return its_workers(workers) + (workers == 1 ? " has" : " have") + " taken it up";
    return std::to_string(behind) + " of " + its_workers(workers) +
           " could not be seen to take it up yet, and will when the store can be reached from there";
}

std::vector<store::WorkerRecord> Steering::wait_until_left() {
    std::vector<store::WorkerRecord> alive;
    comes_true(longest_leaving, [&] { return (alive = live_workers()).empty(); });
    return alive;
}

std::string its_workers(std::size_t count) {
    return count == 1 ? "its worker" : "its " + std::to_string(count) + " workers";
}

}  // namespace rowmill::cli
