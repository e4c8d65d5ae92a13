#include "store/cells.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

namespace rowmill::store {
namespace {

bool is_alive(const WorkerRecord& worker) {
    return !worker.lease_expired && !is_known_gone(worker.identity);
}

/// What a worker that leaves makes of the run's state; empty: nothing. What one worker has failed, or somebody has ended, stays
/// so. A run is not interrupted while others go on with it.
std::string state_left_behind(const RunRecord& run, const std::string& wanted, bool others_work) {
    if (run.state == "succeeded" || run.state == "cancelled" || run.state == "failed") return {};
    if (wanted != "interrupted") return wanted;
    if (others_work) return {};
    return run.desired_state == "paused" ? "paused" : "interrupted";
}

}  // namespace

std::optional<ControlRecord> Store::read_control(RunId run) {
    const db::ResultSet result = session_.query(sql("read_control", {{"run", run}}));
    if (result.empty()) return {};
    Cells cells{result, 0};
    ControlRecord control;
    for (std::string* text : {&control.state, &control.desired_state, &control.live_settings}) *text = cells.text();
    control.seq = cells.number();
    return control;
}

std::string Store::ask_for_state(RunId run, const std::string& desired_state) {
    session_.execute(desired_state == "cancelled"
                         ? sql("cancel_run", {{"run", run}})
                         : sql("ask_for_state", {{"run", run}, {"desired", Value::text(desired_state)}}));
    const auto control = read_control(run);
    if (!control) throw Error{ErrorKind::usage, "there is no run " + std::to_string(run) + " in this store"};
    return control->state;
}

std::string Store::follow_desired_state(RunId run) {
    session_.execute(sql("follow_desired_state", {{"run", run}}));
    const auto control = read_control(run);
    return control ? control->state : std::string{};
}

bool Store::take_up_run(RunId run) {
    return session_.execute(sql("take_up_run", {{"run", run}})).matched == 1;
}

std::string Store::join_run(RunId run) {
    session_.execute(sql("join_run", {{"run", run}}));
    const auto control = read_control(run);
    return control ? control->state : std::string{};
}

void Store::set_live_settings(RunId run, const std::string& live_settings) {
    session_.execute(sql("set_live_settings", {{"run", run}, {"live_settings", Value::text(live_settings)}}));
}

void Store::set_settings(RunId run, const std::string& settings) {
    session_.execute(sql("set_run_settings", {{"run", run}, {"settings", Value::text(settings)}}));
}

void Store::report(WorkerId worker, const std::string& report) {
    session_.execute(sql("report", {{"worker", worker}, {"report", Value::text(report)}}));
}

RunRecord Store::end_work(RunId run, WorkerId worker, const std::string& state, const std::string& last_error) {
    const std::vector<SackId> sacks = ids(sql("sacks_of_worker", {{"worker", worker}}));
    const std::vector<WaitingId> waiting = ids(sql("waiting_of_worker", {{"worker", worker}}));
    Transaction transaction{session_};
    // Two that leave at the same moment do so one after the other: the second finds that nobody is left.
    std::optional<RunRecord> locked = lock_run(run);
    if (!locked) throw Error{ErrorKind::fenced, "run " + std::to_string(run) + " is not in this store any more"};
    bool is_known = false, others_work = false;
    for (const WorkerRecord& each : workers(run)) {
        if (each.id == worker)
            is_known = true;
        else
            others_work = others_work || is_alive(each);
    }
    if (is_known) {
        // Dead letters may have come to be tried again since nothing was found to do. Who moves them waits for this run too.
        const bool has_more = state == "succeeded" && !session_.query(sql("next_waiting", {{"run", run}})).empty();
        if (const std::string left = state_left_behind(*locked, has_more ? "interrupted" : state, others_work); !left.empty()) {
            set_state(run, left, last_error);
            locked = lock_run(run);
        }
        session_.execute(sql("delete_worker", {{"worker", worker}}));
    }
    transaction.commit();
    return_sacks(worker, sacks);
    return_waiting(worker, waiting);
    return *locked;
}

}  // namespace rowmill::store
