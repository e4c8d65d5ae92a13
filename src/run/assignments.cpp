#include "run/assignments.hpp"

#include "engine/failpoint.hpp"
#include "run/dead_workers.hpp"
#include "run/sharing.hpp"
#include "table/boundary.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::run {
namespace {

/// A process with nothing to do looks for a sack that has become free, and asks others for a part of theirs,
constexpr std::chrono::milliseconds look_interval{250};
/// and now and then looks for workers that are gone.
constexpr std::chrono::seconds take_over_interval{1};
/// How often it is looked whether others want a part of ours.
constexpr std::chrono::milliseconds wishes_interval{250};

}  // namespace

SackAssignments::SackAssignments(Mill& mill, std::function<void(const Error&)> on_error)
    : mill_{mill},
      on_error_{std::move(on_error)},
      store_{mill.link_to_store()},
      splitting_{mill},
      planning_{mill, [this](const Work& work) { with_store(work); }},
      lanes_{mill, [this] {
                 const std::lock_guard lock{mutex_};
                 changed();
             }} {
    store_.adopt(std::move(mill_.idle_with_store));
}

SackAssignments::~SackAssignments() {
    planner_.request_stop();
    changed_.notify_all();
    if (planner_.joinable()) planner_.join();
    mill_.idle_with_store = store_.release();
}

void SackAssignments::start(bool all) {
    plans_all_ = all;
    if (mill_.waiting_only) {
        planned_ = true;
        return;
    }
    look();
    planner_ = std::jthread{[this](std::stop_token stop) {
        const db::ThreadScope scope;
        try {
            plan(stop);
            while (mill_.patience.clock.wait_until(mill_.patience.clock.now() + wishes_interval, stop)) {
                answer_wishes();
                if (!is_planned()) plan(stop);  // a failover has taken sacks away, and the walk's end with them
            }
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::stopped) on_error_(error);
        }
    }};
}

void SackAssignments::plan(std::stop_token stop) {
    table::Walk walk{mill_.run.walk_position, mill_.run.walk_done};
    std::stop_source leaving;
    const std::stop_callback at_end{stop, [&] { leaving.request_stop(); }};
    const std::stop_callback at_drain{mill_.patience.stopping.draining(), [&] { leaving.request_stop(); }};
    while (wait_to_plan(walk, leaving.get_token())) {
        const std::uint64_t added = planning_.plan_some(walk);
        engine::failpoint("sacks-planned");
        const std::lock_guard lock{mutex_};
        pending_ += added;
        planned_ = walk.done;
        changed();
    }
}

bool SackAssignments::is_planned() const {
    const std::lock_guard lock{mutex_};
    return planned_;
}

bool SackAssignments::wait_to_plan(table::Walk& walk, std::stop_token stop) {
    Time sacks_seen = std::chrono::steady_clock::now();
    while (mill_.gate->wait(stop)) {
        const Time now = std::chrono::steady_clock::now();
        const store::OpenSacks open = look();
        if (open.pending > 0 || open.walk_position != walk.position) sacks_seen = now;
        walk = {open.walk_position, open.walk_done};
        if (walk.done) return false;
        if (plans_all_) return true;
        const auto without = std::chrono::duration_cast<std::chrono::milliseconds>(now - sacks_seen);
        if (may_plan(open, mill_.worker, without)) return true;
        const bool is_first = open.first_worker == mill_.worker;
        std::unique_lock lock{mutex_};
        // Others claim what we have planned: how much of it is left only the store knows.
        changed_.wait_for(lock, stop, look_interval, [&] { return is_first && pending_ < planned_ahead; });
    }
    return false;
}

store::OpenSacks SackAssignments::look() {
    store::OpenSacks open;
    const auto store_lock =
        with_store([&](store::Store& store) { open = store.open_sacks(mill_.run.id, 2 * planned_ahead); });
    const std::lock_guard lock{mutex_};
    const bool has_news = (pending_ == 0 && open.pending > 0) || planned_ != open.walk_done;
    pending_ = open.pending;
    planned_ = open.walk_done;
    if (has_news) changed();
    return open;
}

std::optional<store::SackRecord> SackAssignments::claim(Claim from) {
    auto sack = claim_with([&](store::Store& store) { return (store.*from)(mill_.run.id, mill_.worker); });
    if (from != &store::Store::claim_pending) return sack;
    const std::lock_guard lock{mutex_};
    pending_ = sack ? pending_ - std::min<std::uint64_t>(pending_, 1) : 0;
    return sack;
}

std::optional<store::SackRecord> SackAssignments::claim_with(
    const std::function<std::optional<store::SackRecord>(store::Store&)>& from) {
    std::optional<store::SackRecord> sack;
    const auto store_lock = with_store([&](store::Store& store) {
        std::vector<store::SackId> held;
        {
            const std::lock_guard lock{mutex_};
            for (const auto& [id, fence] : held_) held.push_back(id);
        }
        // A claim whose answer was lost with the connection is ours, and nobody works on it.
        if (claim_in_doubt_) store.release_unheld(mill_.run.id, mill_.worker, held);
        claim_in_doubt_ = true;
        sack = from(store);
        claim_in_doubt_ = false;
    });
    const std::lock_guard lock{mutex_};
    if (sack) held_[sack->id] = sack->fence;
    if (sack) changed();
    return sack;
}

std::unique_ptr<engine::Lane> SackAssignments::next(unsigned reader, std::stop_token stop) {
    if (reader >= mill_.request.job.run.workers) return waiting_lane(reader);
    if (mill_.waiting_only) return nullptr;
    return sack_for(reader, std::move(stop));
}

std::unique_ptr<engine::Lane> SackAssignments::sack_for(unsigned reader, std::stop_token stop) {
    if (!is_planned()) lanes_.open_sessions(reader);  // while the first sacks are planned
    while (mill_.gate->wait(stop)) {
        std::unique_lock lock{mutex_};
        if (over_) break;
        const bool may_be_one = pending_ > 0;
        if (!may_be_one && (looking_ || std::chrono::steady_clock::now() < next_look_)) {
            wait_for_others(lock, stop);
            continue;
        }
        lock.unlock();
        const auto sack = may_be_one ? claim(&store::Store::claim_pending) : look_around();
        if (sack) {
            engine::failpoint("sack-claimed");
            return lane_for(reader, *sack);
        }
    }
    return nullptr;
}

void SackAssignments::wait_for_others(std::unique_lock<std::mutex>& lock, const std::stop_token& stop) {
    const std::uint64_t seen = changes_;
    const Time until = looking_ ? std::chrono::steady_clock::now() + look_interval : next_look_;
    std::optional<engine::Waits::Scope> waiting;
    if (planned_ && held_.empty())
        waiting.emplace(mill_.patience.waits, "other worker",
                        "a sack is still held by another worker, or by the open transaction of one that is gone");
    changed_.wait_until(lock, stop, until, [&] { return changes_ != seen; });
}

std::optional<store::SackRecord> SackAssignments::look_around() {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(looking_, true)) return {};
        look_again_ = false;
    }
    std::optional<store::SackRecord> sack;
    const auto looked = [&] {
        const std::lock_guard lock{mutex_};
        looking_ = false;
        // Where there was one there may be more.
        const bool at_once = sack || look_again_;
        next_look_ = std::chrono::steady_clock::now() + (at_once ? std::chrono::milliseconds{0} : look_interval);
        if (at_once || over_) changed();
    };
    try {
        const store::OpenSacks open = look();
        const Next next = next_for_idle(open);
        if (next == Next::claim) sack = claim(&store::Store::claim_pending);
        if (next == Next::share || next == Next::wait) sack = share(open);
        if (next == Next::leave) {
            const std::lock_guard lock{mutex_};
            over_ = true;
        }
    } catch (...) {
        looked();
        throw;
    }
    looked();
    return sack;
}

std::optional<store::SackRecord> SackAssignments::share(const store::OpenSacks& open) {
    std::size_t held = 0;
    bool is_time = false;
    {
        const std::lock_guard lock{mutex_};
        held = held_.size();
        const Time now = std::chrono::steady_clock::now();
        is_time = now >= next_take_over_;
        if (is_time) next_take_over_ = now + take_over_interval;
    }
    if (is_time && open.running > 0)
        if (auto sack = take_over()) return sack;
    if (!open.walk_done) return {};
    if (splitting_.split_largest()) {
        sack_came();
        return claim(&store::Store::claim_pending);
    }
    if (open.running > held)
        with_store([&](store::Store& store) { store.ask_for_split(mill_.run.id, mill_.worker); });
    return {};
}

std::optional<store::SackRecord> SackAssignments::take_over() {
    {
        const auto store_lock = with_store(
            [&](store::Store& store) { bury_dead_workers(store, mill_.run.id, mill_.worker); });
        // A server that was behind when it took over may hold sacks to be ours that we had long given up or finished.
        claim_in_doubt_ = true;
    }
    auto sack = claim(&store::Store::claim_pending);
    return sack ? std::move(sack) : claim(&store::Store::claim_orphan);
}

void SackAssignments::answer_wishes() {
    for (unsigned made = splitting_.answer_wishes(); made > 0; --made) sack_came();
}

void SackAssignments::sack_came() {
    const std::lock_guard lock{mutex_};
    ++pending_;
    changed();
}

std::unique_ptr<engine::Lane> SackAssignments::lane_of(unsigned reader, store::SackId id, std::uint64_t rows) {
    auto sack = claim_with([&](store::Store& store) { return store.claim_this(id, mill_.worker); });
    if (!sack) return nullptr;
    engine::failpoint("sack-claimed");
    // What was settled above low would lie behind the cut.
    if (!sack->above.empty()) {
        finished(reader, id, End::lost);
        return nullptr;
    }
    const auto first = cut(reader, std::move(*sack), rows);
    if (first) return lane_for(reader, *first);
    finished(reader, id, End::lost);
    return nullptr;
}

std::optional<store::SackRecord> SackAssignments::cut(unsigned reader, store::SackRecord sack, std::uint64_t rows) {
    const table::Range whole{sack.low, sack.upto, mill_.selection->descending};
    std::optional<Key> middle;
    lanes_.reading(reader).repeat([&](db::Session& session) {
        middle = table::find_boundary(session, *mill_.selection, whole, rows, table::Filtered::yes, table::Tail::not_counted,
                                      mill_.patience.stopping.draining())
                     .key;
    });
    if (!middle || *middle == sack.upto) return sack;
    const std::uint64_t below = std::min(rows + sack.tally.settled(), sack.rows);
    if (!splitting_.cut(sack, *middle, below)) return {};
    sack.upto = *middle;
    sack.rows = below;
    sack_came();
    return sack;
}

std::unique_ptr<engine::Lane> SackAssignments::lane_for(unsigned reader, const store::SackRecord& sack) {
    auto stretch = lanes_.stretch_of(sack);
    auto lane = lanes_.of_sack(reader, sack, stretch);
    splitting_.opened(sack, std::move(stretch));
    return lane;
}

std::unique_ptr<engine::Lane> SackAssignments::waiting_lane(unsigned reader) {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(waiting_lane_is_out_, true)) return nullptr;
    }
    return lanes_.of_waiting(
        reader, [this] { return nothing_left(); },
        [this](std::chrono::milliseconds time, const std::stop_token& stop) {
            std::unique_lock lock{mutex_};
            changed_.wait_for(lock, stop, time, [seen = changes_, this] { return changes_ != seen; });
        });
}

/// Whether no item of the run can come to wait any more, here or in another process.
bool SackAssignments::nothing_left() {
    {
        const std::lock_guard lock{mutex_};
        if (!planned_ || !held_.empty() || (pending_ > 0 && !mill_.waiting_only)) return false;
    }
    if (mill_.waiting_only) return true;
    return next_for_idle(look()) == Next::leave;
}

void SackAssignments::finished(unsigned, engine::OriginId origin, End end) {
    if (origin == waiting_origin) {
        // Nothing of it is in flight any more: what is still ours is to be claimed anew.
        if (end == End::lost) give_back_unbegun();
        const std::lock_guard lock{mutex_};
        waiting_lane_is_out_ = end != End::lost;
        return;
    }
    std::uint64_t fence = 0;
    {
        const std::lock_guard lock{mutex_};
        const auto held = held_.find(origin);
        if (held == held_.end()) return;
        fence = held->second;
        splitting_.closed(origin);
        if (end != End::lost) {
            held_.erase(held);
            if (held_.empty()) {  // it may have been the last one, and who looks just now may not have seen that
                next_look_ = {};
                look_again_ = true;
            }
            changed();
        }
    }
    if (end == End::completed) engine::failpoint("sack-done");
    if (end != End::lost) return;
    const auto store_lock = with_store([&](store::Store& store) { store.release_sack(origin, fence); });
    claim_in_doubt_ = true;  // where the store has gone back in time, so has what it says of our other sacks
    const std::lock_guard lock{mutex_};
    held_.erase(origin);  // only now: a reader that looks for the last time must find it pending
    ++pending_;
    changed();
}

std::unique_lock<std::mutex> SackAssignments::with_store(const Work& work) {
    std::unique_lock lock{store_mutex_};
    store_.repeat([&](db::Session& session) {
        store::Store store{session, mill_.request.job.store_schema};
        work(store);
    });
    return lock;
}

void SackAssignments::changed() {
    ++changes_;
    changed_.notify_all();
}

void SackAssignments::give_back_unbegun() {
    const auto unbegun = mill_.waiting_claims->as_before();
    if (unbegun.empty()) return;
    with_store([&](store::Store& store) { store.settle_waiting(mill_.run.id, unbegun); });
    mill_.waiting_claims->forget(unbegun);
}

bool SackAssignments::all_done() {
    bool done = false;
    with_store([&](store::Store& store) {
        const auto run = store.find_run(mill_.run.id);
        const auto totals = store.totals(mill_.run.id);
        done = run && run->walk_done && totals.sacks_done == totals.sacks && totals.waiting == 0;
    });
    return done;
}

}  // namespace rowmill::run
