#include "run/steering.hpp"

#include "progress/program_name.hpp"
#include "run/dead_workers.hpp"
#include "run/link.hpp"
#include "run/live_settings.hpp"
#include "run/report.hpp"
#include "run/required.hpp"
#include "run/snapshot.hpp"
#include "run/throttling.hpp"
#include "store/transaction.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace rowmill::run {
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

/// "its worker", "its 3 workers"
std::string its_workers(std::size_t count) { return count == 1 ? "its worker" : "its " + std::to_string(count) + " workers"; }

bool has_ended(const std::string& state) { return state == "succeeded" || state == "cancelled"; }

void check_settings(const job::Overrides& wanted, const db::Connector& server) {
    job::Job job;
    job::change_settings(job, wanted);
    check_texts(job.throttle, server);
    // What is a status variable, and what a number, this server can tell.
    job::ThrottleSpec asked;
    asked.max_load = job.throttle.max_load;
    asked.critical_load = job.throttle.critical_load;
    asked.query = job.throttle.query;
    check_throttles(asked, server);
}

}  // namespace

Steering::Steering(db::Connector connector, std::string schema, store::RunId run)
    : connector_{std::move(connector)},
      session_{connect_first(connector_, true)},
      store_{std::make_unique<store::Store>(*session_, std::move(schema))},
      id_{run} {
    require_store(*store_, connector_);
    this->run();
}

std::string Steering::pause() {
    const store::RunRecord before = run();
    if (has_ended(before.state) || before.state == "failed") throw past(before.state, "pause");
    const std::string state = ask_for_state("paused");
    if (has_ended(state)) throw past(state, "pause");
    const std::string resume = "`" + progress::program_name() + " resume " + std::to_string(id_) + "` goes on with it";
    const std::string already = before.desired_state == "paused" ? " already" : "";
    const std::string taken = wait_until_taken_up();
    const std::string now = taken.empty() ? store_->follow_desired_state(id_) : run().state;
    if (has_ended(now) || now == "failed") throw past(now, "pause");
    if (taken.empty()) return name() + " is paused" + already + ", and nobody works on it; " + resume;
    return name() + " is paused" + already + ": what is in flight is finished, nothing new is begun; " + taken + "; " + resume;
}

std::string Steering::cancel() {
    const store::RunRecord before = run();
    if (before.state == "succeeded") throw past(before.state, "cancel");
    const std::string state = ask_for_state("cancelled");
    if (state == "succeeded") throw past(state, "cancel");
    const std::size_t workers = live_workers().size();
    const auto left = wait_until_left();
    // Those that are asleep, or can't reach the store, the dead ones too: what they still do can't be recorded.
    for (const store::WorkerRecord& worker : store_->workers(id_)) expel(*store_, worker);
    std::string sentence = name() + (before.state == "cancelled" ? " was cancelled already" : " is cancelled, and does not come back");
    if (workers == 0) return sentence + (before.state == "cancelled" ? "" : "; nobody works on it");
    sentence += "; " + its_workers(workers) + (workers == 1 ? " gives" : " give") + " what is in flight a second, then " +
                (workers == 1 ? "drops" : "drop") + " it";
    if (left.empty()) return sentence + (workers == 1 ? ": it has" : ": they have") + " left";
    return sentence + ": " + std::to_string(left.size()) + " did not answer, and can record nothing more";
}

std::string Steering::set(const job::Overrides& wanted) {
    check_settings(wanted, connector_);
    store_settings(wanted);
    const std::string taken = wait_until_taken_up();
    return name() + " has " + display(wanted) + " from now on; " +
           (taken.empty() ? "nobody works on it now, it holds for who does" : taken);
}

std::string Steering::ask_for_state(const std::string& desired_state) {
    asked_ = Asked::maybe;
    std::string state = store_->ask_for_state(id_, desired_state);
    asked_ = Asked::yes;
    return state;
}

/// Beside what others set at the same moment.
void Steering::store_settings(const job::Overrides& wanted) {
    store::Transaction transaction{store_->session()};
    const auto run = store_->lock_run(id_);
    if (!run || has_ended(run->state)) throw past(run ? run->state : "succeeded", "set");
    LiveSettings settings = decode_live_settings(run->live_settings);
    for (const auto& [key, value] : wanted) settings[key] = value;
    store_->set_live_settings(id_, encode(settings));
    asked_ = Asked::maybe;
    transaction.commit();
    asked_ = Asked::yes;
}

Steering::Resumed Steering::resume() {
    const store::RunRecord before = run();
    if (has_ended(before.state)) throw past(before.state, "resume");
    if (live_workers().empty()) return {{}, before.definition};
    const std::string state = ask_for_state("running");
    if (has_ended(state)) throw past(state, "resume");
    const bool was_paused = before.desired_state == "paused" || before.state == "paused";
    const std::string taken = wait_until_taken_up();
    if (!is_worked_on()) return take_over(before.definition);
    return {name() + (was_paused ? " goes on" : " is running already") + (taken.empty() ? "" : "; " + taken)};
}

Steering::Resumed Steering::take_over(const std::string& definition) {
    const auto left = wait_until_left();
    const std::string state = run().state;
    if (state == "cancelled") throw past(state, "resume");
    if (state == "succeeded") return {name() + " went on, and has succeeded"};
    if (left.empty()) return {{}, definition};
    const bool is_one = left.size() == 1;
    throw Busy{its_workers(left.size()) + " " + (is_one ? "is" : "are") + " leaving " + name() +
               ": what is in flight is finished, nothing new is begun; resume it when " + (is_one ? "it has" : "they have") + " left"};
}

Error Steering::past(const std::string& state, const std::string& verb) const {
    const std::string how = state == "cancelled" ? "was cancelled" : state == "failed" ? "has failed" : "has succeeded";
    return Error{ErrorKind::usage, name() + " " + how + ": there is nothing to " + verb};
}

store::RunRecord Steering::run() { return require_run(*store_, id_); }

std::vector<store::WorkerRecord> Steering::live_workers() {
    std::vector<store::WorkerRecord> workers = store_->workers(id_);
    std::erase_if(workers, [](const store::WorkerRecord& worker) { return !is_alive(worker); });
    return workers;
}

bool Steering::is_worked_on() {
    return !std::ranges::all_of(live_workers(), [](const store::WorkerRecord& worker) { return decode_report(worker.report).is_leaving; });
}

std::string Steering::wait_until_taken_up() {
    const auto control = store_->read_control(id_);
    const std::uint64_t asked = control ? control->seq : 0;
    std::size_t workers = 0, behind = 0;
    comes_true(longest_wait, [&] {
        const auto alive = live_workers();
        workers = alive.size();
        behind = static_cast<std::size_t>(std::ranges::count_if(
            alive, [&](const store::WorkerRecord& worker) { return decode_report(worker.report).control_seq < asked; }));
        return behind == 0;
    });
    if (workers == 0) return {};
    if (behind == 0) return its_workers(workers) + (workers == 1 ? " has" : " have") + " taken it up";
    return (workers == 1 ? std::string{} : std::to_string(behind) + " of ") + its_workers(workers) +
           " could not be seen to take it up yet, and will when the store can be reached from there";
}

std::vector<store::WorkerRecord> Steering::wait_until_left() {
    std::vector<store::WorkerRecord> alive;
    comes_true(longest_leaving, [&] { return (alive = live_workers()).empty(); });
    return alive;
}

Request::Retry retry_of(const store::RunRecord& run, const std::string& error_class, const std::vector<std::string>& keys) {
    // Of the types that the run's key has.
    std::vector<ValueType> types;
    for (const Value& part : run.bound_upto) types.push_back(part.type());
    Request::Retry retry{.run = run.id, .error_class = error_class, .keys = {}};
    for (const std::string& text : keys) retry.keys.push_back(parse_key(text, types));
    return retry;
}

}  // namespace rowmill::run
