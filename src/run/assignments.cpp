#include "run/assignments.hpp"

#include "engine/failpoint.hpp"
#include "run/dead_workers.hpp"
#include "run/sharing.hpp"
#include "table/boundary.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::run {
namespace {

constexpr std::size_t planned_at_once = 16;
/// A process with nothing to do looks for a sack that has become free, and asks others for a part of theirs,
constexpr std::chrono::milliseconds look_interval{250};
/// and now and then looks for workers that are gone.
constexpr std::chrono::seconds take_over_interval{1};
/// How often it is looked whether others want a part of ours.
constexpr std::chrono::milliseconds wishes_interval{250};
/// Equal-width sacks are free to plan; so many a worker leave little to wait for at the end.
constexpr std::uint64_t width_sacks_per_worker = 32;

/// Of an action that is not sql, until a page was read.
constexpr std::uint64_t first_page = 100;

/// Of one that was begun, as if each settled row were one of the table's; 0: not known.
std::uint64_t rows_left_of(const store::SackRecord& sack) {
    return sack.rows == 0 ? 0 : std::max<std::uint64_t>(1, sack.rows - std::min(sack.rows, sack.tally.settled()));
}

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
      splitting_{mill},
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
        const std::uint64_t added = plan_some(walk);
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
    const std::lock_guard lock{store_mutex_};
    store::OpenSacks open;
    store_.repeat([&](db::Session& session) {
        open = store::Store{session, mill_.request.job.store_schema}.open_sacks(mill_.run.id, 2 * planned_ahead);
    });
    const std::lock_guard seen_lock{mutex_};
    const bool has_news = (pending_ == 0 && open.pending > 0) || planned_ != open.walk_done;
    pending_ = open.pending;
    planned_ = open.walk_done;
    if (has_news) changed();
    return open;
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
            const table::Range range{bounds.after, bounds.upto, mill_.selection->descending};
            bounds.first = table::first_key(session, *mill_.selection, range).value_or(bounds.upto);
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

std::optional<store::SackRecord> SackAssignments::claim(Claim from) {
    auto sack = claim_with([&](store::Store& store) { return (store.*from)(mill_.run.id, mill_.worker); });
    if (from != &store::Store::claim_pending) return sack;
    const std::lock_guard lock{mutex_};
    pending_ = sack ? pending_ - std::min<std::uint64_t>(pending_, 1) : 0;
    return sack;
}

std::optional<store::SackRecord> SackAssignments::claim_with(
    const std::function<std::optional<store::SackRecord>(store::Store&)>& from) {
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
        sack = from(store);
        claim_in_doubt_ = false;
    });
    const std::lock_guard held_lock{mutex_};
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
    }
    std::optional<store::SackRecord> sack;
    const auto looked = [&] {
        const std::lock_guard lock{mutex_};
        looking_ = false;
        // Where there was one there may be more.
        next_look_ = std::chrono::steady_clock::now() + (sack ? std::chrono::milliseconds{0} : look_interval);
        if (sack || over_) changed();
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
    if (open.running > held) {
        const std::lock_guard lock{store_mutex_};
        store_.repeat([&](db::Session& session) {
            store::Store{session, mill_.request.job.store_schema}.ask_for_split(mill_.run.id, mill_.worker);
        });
    }
    return {};
}

std::optional<store::SackRecord> SackAssignments::take_over() {
    {
        const std::lock_guard lock{store_mutex_};
        store_.repeat([&](db::Session& session) {
            store::Store store{session, mill_.request.job.store_schema};
            bury_dead_workers(store, mill_.run.id, mill_.worker);
        });
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

std::unique_ptr<engine::Lane> SackAssignments::lane_of(unsigned reader, store::SackId id, std::uint64_t rows) {
    auto sack = claim_with([&](store::Store& store) { return store.claim_this(id, mill_.worker); });
    if (!sack) return nullptr;
    engine::failpoint("sack-claimed");
    // What was settled above low would lie behind the cut.
    if (!sack->above.empty()) {
        finished(reader, id, End::lost);
        return nullptr;
    }
    return lane_for(reader, cut(reader, std::move(*sack), rows));
}

store::SackRecord SackAssignments::cut(unsigned reader, store::SackRecord sack, std::uint64_t rows) {
    const table::Range whole{sack.low, sack.upto, mill_.selection->descending};
    std::optional<Key> middle;
    reader_of(reader).reading.repeat([&](db::Session& session) {
        middle = table::find_boundary(session, *mill_.selection, whole, rows, table::Filtered::yes, table::Tail::not_counted,
                                      mill_.patience.stopping.draining())
                     .key;
    });
    if (!middle || *middle == sack.upto) return sack;
    const std::uint64_t below = std::min(rows + sack.tally.settled(), sack.rows);
    const std::lock_guard lock{store_mutex_};
    bool in_doubt = false;
    store_.repeat([&](db::Session& session) {
        store::Store store{session, mill_.request.job.store_schema};
        if (std::exchange(in_doubt, true)) {
            const auto now = store.lock_sack(sack.id, mill_.run.token);
            if (now && split_stands(*now, sack.fence, *middle).value_or(false)) return;
        }
        store.split_sack(sack.id, sack.fence, sack.upto, *middle, below, sack.rows - below);
    });
    sack.upto = *middle;
    sack.rows = below;
    const std::lock_guard pending_lock{mutex_};
    ++pending_;
    changed();
    return sack;
}

std::unique_ptr<engine::Lane> SackAssignments::lane_for(unsigned index, const store::SackRecord& sack) {
    Reader& reader = reader_of(index);
    // At each claim, and by the link's greeting after each reconnect.
    reader.reading.repeat([&](db::Session& session) { mill_.greet_table(session); });
    auto lane = std::make_unique<engine::Lane>();
    lane->origin = sack.id;
    lane->low = sack.low;
    lane->above = sack.above;
    const std::uint64_t page = mill_.plan ? mill_.request.job.run.batch : first_page;
    const auto stretch = std::make_shared<Stretch>(table::Range{sack.low, sack.upto, mill_.selection->descending},
                                                   rows_left_of(sack), page);
    lane->source = std::make_unique<SackSource>(reader.reading, mill_.selection, stretch);
    splitting_.opened(sack, stretch);
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
        .gate = *mill_.gate,
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
            if (held_.empty()) next_look_ = {};  // it may have been the last one
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
