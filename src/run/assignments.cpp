#include "run/assignments.hpp"

#include "engine/failpoint.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::run {
namespace {

/// How many sacks may be planned and not yet claimed: the walk runs ahead of the workers, but never plans a million.
constexpr std::uint64_t planned_ahead = 64;
constexpr std::size_t planned_at_once = 16;
/// How often a sack is asked for that a dead worker's transaction still holds.
constexpr std::chrono::seconds orphans_interval{1};
/// A sack that another process leaves behind is found within this time.
constexpr std::chrono::seconds longest_wait{10};
/// Equal-width sacks are free to plan; so many a worker leave little to wait for at the end.
constexpr std::uint64_t width_sacks_per_worker = 32;

/// Whether a statement touches whatever lies between a batch's first key and its last.
bool goes_by_bounds(const action::SqlPlan& plan) {
    return std::ranges::any_of(plan.statements,
                               [](const job::Statement& each) { return each.uses("lo") || each.uses("hi"); });
}

}  // namespace

void Mill::greet(db::Session& session) const {
    if (store::Store{session, request.job.store_schema}.holds(run.id, run.token)) return;
    throw Error{ErrorKind::failover, "the server that answers now (" + session.server().display() + " on " +
                                         session.server().host + ") does not hold run " + std::to_string(run.id) +
                                         ": another one, or an older copy"};
}

void Mill::greet_table(db::Session& session) const {
    if (preparation.source_is_store) greet(session);
    const table::Description& known = selection->table;
    const std::string definition = table::definition(session, known);
    {
        const std::lock_guard lock{mutex};
        if (!definition.empty() && definition == known_definition) return;
    }
    const table::Description now = table::describe(session, known.schema, known.name);
    const auto changed =
        job::differences(table::fingerprint(known, selection->key),
                         table::fingerprint(now, table::choose_key(now, request.job.source.key_index)));
    if (changed.empty()) {
        const std::lock_guard lock{mutex};
        known_definition = definition;  // read before the description: what has changed since is seen at the next look
        return;
    }
    throw Error{ErrorKind::refused, "the table changed while the run was on: " + changed.front() +
                                        ". Run it again with --accept-changes, or --restart"};
}

Link Mill::link_to_store(Link::Until until) const {
    return {preparation.store, true, patience, open, [this](db::Session& session) { greet(session); }, until};
}

SackAssignments::Reader::Reader(Mill& mill)
    : reading{mill.preparation.source, mill.preparation.source_is_store, mill.patience, mill.open,
              [&mill](db::Session& session) { mill.greet_table(session); }},
      working{mill.preparation.target, true, mill.patience, mill.open, [&mill](db::Session& session) {
                  if (mill.preparation.target_is_store) mill.greet(session);
              }} {}

SackAssignments::SackAssignments(Mill& mill, std::function<void(const Error&)> on_error)
    : mill_{mill},
      on_error_{std::move(on_error)},
      walking_{mill.preparation.source, mill.preparation.source_is_store, mill.patience, mill.open,
               [&mill](db::Session& session) { mill.greet_table(session); }},
      store_{mill.link_to_store()},
      checkpoints_{mill.link_to_store(Link::Until::dropping)},
      checkpoint_ledger_{std::make_shared<CheckpointLedger>(checkpoints_, mill.store_key(),
                                                            [this] {
                                                                const std::lock_guard lock{mutex_};
                                                                changed();
                                                            })},
      waiting_store_{mill.link_to_store()},
      waiting_settlements_{mill.link_to_store(Link::Until::dropping)} {}

SackAssignments::~SackAssignments() {
    planner_.request_stop();
    changed_.notify_all();
}

void SackAssignments::start() {
    if (mill_.waiting_only) {
        planned_ = true;
        return;
    }
    {
        const std::lock_guard lock{store_mutex_};
        store_.repeat([&](db::Session& session) {
            const auto totals = store::Store{session, mill_.request.job.store_schema}.totals(mill_.run.id);
            pending_ = totals.sacks - totals.sacks_done;
        });
    }
    planner_ = std::jthread{[this](std::stop_token stop) {
        const db::ThreadScope scope;
        try {
            plan(stop);
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::stopped) on_error_(error);
        }
    }};
}

void SackAssignments::plan(std::stop_token stop) {
    table::Walk walk{mill_.run.walk_position, mill_.run.walk_done};
    const std::stop_token draining = mill_.patience.stopping.draining();
    while (!walk.done && !stop.stop_requested() && !draining.stop_requested()) {
        {
            std::unique_lock lock{mutex_};
            changed_.wait(lock, stop, [&] { return pending_ < planned_ahead || draining.stop_requested(); });
            if (stop.stop_requested() || draining.stop_requested()) return;
        }
        const std::uint64_t added = plan_some(walk);
        engine::failpoint("sacks-planned");
        const std::lock_guard lock{mutex_};
        pending_ += added;
        planned_ = walk.done;
        changed();
    }
    const std::lock_guard lock{mutex_};
    planned_ = walk.done;
    changed();
}

std::uint64_t SackAssignments::plan_some(table::Walk& walk) {
    const job::Job& job = mill_.request.job;
    table::Bounds bounds{
        .after = mill_.run.bound_after, .upto = mill_.run.bound_upto, .first = {}, .empty = mill_.run.bound_empty};
    const table::Walk from = walk;
    std::vector<table::PlannedSack> planned;
    walking_.repeat([&](db::Session& session) {
        walk = from;
        if (bounds.empty) {
            walk.done = true;
        } else if (job.source.sacks == job::SourceSpec::Sacks::width) {
            bounds.first = table::read_bounds(session, *mill_.selection, job.source.from, job.source.to).first;
            planned = table::width_sacks(mill_.selection->key, bounds, job.run.workers * width_sacks_per_worker,
                                         mill_.selection->descending);
            walk = {bounds.upto, true};
        } else {
            planned = table::walk_sacks(session, *mill_.selection, bounds, spacing_of(mill_.request, *mill_.selection),
                                        planned_at_once, walk);
        }
    });
    std::vector<store::NewSack> sacks;
    for (const table::PlannedSack& sack : planned) sacks.push_back({sack.after, sack.upto, sack.rows, sack.rows_exact});
    store_sacks(sacks, from, walk);
    return sacks.size();
}

void SackAssignments::store_sacks(std::vector<store::NewSack>& sacks, const table::Walk& from, table::Walk& walk) {
    const std::lock_guard lock{store_mutex_};
    bool in_doubt = false;
    store_.repeat([&](db::Session& session) {
        store::Store store{session, mill_.request.job.store_schema};
        if (!in_doubt) {
            in_doubt = true;
            try {
                return store.add_sacks(mill_.run.id, sacks, from.position, walk.position, walk.done);
            } catch (const Error& error) {
                if (error.kind() != ErrorKind::fenced) throw;
            }
        }
        // The connection was lost while this was written, or the store has gone back in time: believe the store.
        const auto run = store.lock_run(mill_.run.id);
        if (!run || run->token != mill_.run.token)
            throw Error{ErrorKind::fatal, "the server that answers now does not hold this run"};
        if (run->state == "cancelled") throw Error{ErrorKind::fenced, "the run was cancelled meanwhile"};
        if (run->walk_position == walk.position && run->walk_done == walk.done) return;
        walk = {run->walk_position, run->walk_done};
        sacks.clear();
    });
}

std::optional<store::SackRecord> SackAssignments::claim() {
    const std::lock_guard lock{store_mutex_};  // kept until the claim is among those held
    std::optional<store::SackRecord> sack;
    store_.repeat([&](db::Session& session) {
        store::Store store{session, mill_.request.job.store_schema};
        std::vector<store::SackId> held;
        {
            const std::lock_guard held_lock{mutex_};
            for (const auto& [id, fence] : held_) held.push_back(id);
        }
        // A claim whose answer was lost with the connection is ours, and nobody works on it.
        if (claim_in_doubt_) store.release_unheld(mill_.run.id, mill_.worker, held);
        claim_in_doubt_ = true;
        sack = store.claim_sack(mill_.run.id, mill_.worker);
        claim_in_doubt_ = false;
    });
    if (sack) {
        const std::lock_guard held_lock{mutex_};
        held_[sack->id] = sack->fence;
        if (pending_ > 0) --pending_;
        changed();
    }
    return sack;
}

bool SackAssignments::has_orphans() {
    const std::lock_guard lock{store_mutex_};
    bool any = false;
    store_.repeat([&](db::Session& session) {
        any = store::Store{session, mill_.request.job.store_schema}.totals(mill_.run.id).sacks_running > 0;
    });
    // A server that was behind when it took over may hold sacks to be ours that we had long given up or finished.
    claim_in_doubt_ = true;
    return any;
}

std::unique_ptr<engine::Lane> SackAssignments::next(unsigned reader, std::stop_token stop) {
    if (reader >= mill_.request.job.run.workers) return waiting_lane(reader);
    if (mill_.waiting_only) return nullptr;
    return sack_for(reader, std::move(stop));
}

std::unique_ptr<engine::Lane> SackAssignments::sack_for(unsigned reader, std::stop_token stop) {
    bool has_waited_long = false;
    while (!stop.stop_requested()) {
        std::uint64_t seen = 0;
        bool is_last_look = false, may_be_one = false;
        {
            const std::lock_guard lock{mutex_};
            seen = changes_;
            // A lane that is lost comes back as pending: only when none is held can nothing follow.
            is_last_look = planned_ && held_.empty();
            may_be_one = pending_ > 0 || is_last_look || has_waited_long;
        }
        if (const auto sack = may_be_one ? claim() : std::nullopt) {
            engine::failpoint("sack-claimed");
            return lane_for(reader, *sack);
        }
        if (is_last_look && !has_orphans()) return nullptr;
        std::optional<engine::Waits::Scope> waiting;
        if (is_last_look)
            waiting.emplace(mill_.patience.waits, "other worker",
                            "a sack is still held by another worker, or by the open transaction of one that is gone");
        std::unique_lock lock{mutex_};
        const auto longest = is_last_look ? orphans_interval : longest_wait;
        has_waited_long = !changed_.wait_for(lock, stop, longest, [&] { return changes_ != seen; });
    }
    return nullptr;
}

SackAssignments::Reader& SackAssignments::reader_of(unsigned index) {
    const std::lock_guard lock{mutex_};
    auto& slot = readers_[index];
    if (!slot) slot = std::make_unique<Reader>(mill_);
    return *slot;
}

void SackAssignments::put_action_on(engine::Lane& lane, Reader& reader) {
    if (!mill_.plan) {
        lane.action = mill_.action;
        return;
    }
    lane.action = std::make_shared<action::SqlAction>(
        mill_.plan, [&reader]() -> db::Session& { return reader.working.session(); });
    if (!mill_.exactly_once) lane.transaction = std::make_shared<WorkTransaction>(reader.working);
}

std::unique_ptr<engine::Lane> SackAssignments::lane_for(unsigned index, const store::SackRecord& sack) {
    Reader& reader = reader_of(index);
    // At each claim, and by the link's greeting after each reconnect.
    reader.reading.repeat([&](db::Session& session) { mill_.greet_table(session); });
    auto lane = std::make_unique<engine::Lane>();
    lane->origin = sack.id;
    lane->low = sack.low;
    lane->above = sack.above;
    table::Range range{sack.low, sack.upto, mill_.selection->descending};
    lane->source = std::make_unique<SackSource>(reader.reading, mill_.selection, std::move(range));
    put_action_on(*lane, reader);
    if (mill_.is_transacted()) {
        const auto both = std::make_shared<SackTransaction>(reader.working, mill_.store_key(), sack);
        lane->transaction = both;
        lane->ledger = both;
    } else {
        lane->ledger = checkpoint_ledger_;
        checkpoint_ledger_->opened(sack);
    }
    return lane;
}

std::unique_ptr<engine::Lane> SackAssignments::waiting_lane(unsigned index) {
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(waiting_lane_is_out_, true)) return nullptr;
    }
    Reader& reader = reader_of(index);
    const auto& claims = mill_.waiting_claims;
    auto selection = std::make_shared<table::Selection>(*mill_.selection);
    selection->stretches_only = false;
    auto lane = std::make_unique<engine::Lane>();
    lane->origin = waiting_origin;
    lane->by_item = true;
    lane->source = std::make_unique<WaitingSource>(WaitingSource::Parts{
        .reading = reader.reading,
        .store = waiting_store_,
        .key = mill_.store_key(),
        .worker = mill_.worker,
        .lease = mill_.request.job.run.lease,
        .one_by_one = mill_.plan && goes_by_bounds(*mill_.plan),
        .selection = std::move(selection),
        .claims = claims,
        .is_over = [this] { return nothing_left(); },
        .wait =
            [this](std::chrono::milliseconds time, const std::stop_token& stop) {
                std::unique_lock lock{mutex_};
                const std::uint64_t seen = changes_;
                changed_.wait_for(lock, stop, time, [&] { return changes_ != seen; });
            }});
    put_action_on(*lane, reader);
    if (mill_.is_transacted()) {
        const auto both = std::make_shared<WaitingTransaction>(reader.working, mill_.store_key(), claims);
        lane->transaction = both;
        lane->ledger = both;
    } else {
        lane->ledger = std::make_shared<WaitingLedger>(waiting_settlements_, mill_.store_key(), claims);
    }
    return lane;
}

/// Whether no item of the run can come to wait any more, here or in another process.
bool SackAssignments::nothing_left() {
    {
        const std::lock_guard lock{mutex_};
        if (!planned_ || !held_.empty() || (pending_ > 0 && !mill_.waiting_only)) return false;
    }
    if (mill_.waiting_only) return true;
    return !has_orphans();
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
        if (end != End::lost) {
            held_.erase(held);
            changed();
        }
    }
    if (end == End::completed) engine::failpoint("sack-done");
    if (end != End::lost) return;
    const std::lock_guard lock{store_mutex_};
    store_.repeat([&](db::Session& session) {
        store::Store{session, mill_.request.job.store_schema}.release_sack(origin, fence);
    });
    claim_in_doubt_ = true;  // where the store has gone back in time, so has what it says of our other sacks
    const std::lock_guard held_lock{mutex_};
    held_.erase(origin);  // only now: a reader that looks for the last time must find it pending
    ++pending_;
    changed();
}

void SackAssignments::changed() {
    ++changes_;
    changed_.notify_all();
}

void SackAssignments::give_back_unbegun() {
    const auto unbegun = mill_.waiting_claims->as_before();
    if (unbegun.empty()) return;
    const std::lock_guard lock{store_mutex_};
    store_.repeat([&](db::Session& session) {
        store::Store{session, mill_.request.job.store_schema}.settle_waiting(mill_.run.id, unbegun);
    });
    mill_.waiting_claims->forget(unbegun);
}

bool SackAssignments::all_done() {
    bool done = false;
    const std::lock_guard lock{store_mutex_};
    store_.repeat([&](db::Session& session) {
        store::Store store{session, mill_.request.job.store_schema};
        const auto run = store.find_run(mill_.run.id);
        const auto totals = store.totals(mill_.run.id);
        done = run && run->walk_done && totals.sacks_done == totals.sacks && totals.waiting == 0;
    });
    return done;
}

}  // namespace rowmill::run
