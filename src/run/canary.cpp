#include "run/canary.hpp"

#include "progress/program_name.hpp"
#include "run/snapshot.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

/// More places tell no more, and each costs a sack.
constexpr std::size_t most_places = 64;
constexpr std::chrono::milliseconds look_interval{200};

}  // namespace

std::vector<std::size_t> spread(std::size_t size, std::size_t count) {
    count = std::min(count, size);
    std::vector<std::size_t> chosen;
    for (std::size_t i = 0; i < count; ++i) chosen.push_back((2 * i + 1) * size / (2 * count));
    return chosen;
}

Canary::Canary(Mill& mill, SackAssignments& sacks, engine::Work& work, progress::Hub& hub, std::uint64_t rows)
    : mill_{mill}, sacks_{sacks}, work_{work}, hub_{hub}, rows_{rows}, store_{mill.link_to_store()} {}

Canary::~Canary() { stop_.request_stop(); }

void Canary::start() {
    thread_ = std::jthread{[this] {
        const db::ThreadScope scope;
        const std::stop_callback on_drain{work_.stopping.draining(), [this] { stop_.request_stop(); }};
        try {
            conduct(stop_.get_token());
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::stopped) work_.fail(error);
        }
        store_.drop();
    }};
}

void Canary::conduct(const std::stop_token& stop) {
    if (!wait_for_turn(stop)) return;
    wait_for_plan(stop);
    for (std::uint64_t rows = begun(); !stop.stop_requested() && rows < rows_; rows = begun()) {
        auto shares = next_shares(rows_ - rows);
        if (shares.empty() || !work_off(std::move(shares), stop)) break;
    }
    if (!stop.stop_requested()) pause(stop);
    if (!stop.stop_requested()) let_go();
}

/// Of several workers the one that is there the longest has the turn. False where another was done with it, or stop was asked for.
bool Canary::wait_for_turn(const std::stop_token& stop) {
    const engine::Waits::Scope waiting{work_.waits, "canary", "the first rows of the run, which another worker is about"};
    while (!stop.stop_requested()) {
        bool is_over = false, is_first = true;
        store_.repeat([&](db::Session& session) {
            store::Store store{session, mill_.request.job.store_schema};
            const auto run = store.find_run(mill_.run.id);
            is_over = run && decode_settings(run->settings).canary == 0;
            is_first = std::ranges::none_of(store.workers(mill_.run.id),
                                            [&](const auto& other) { return other.id < mill_.worker && is_alive(other); });
        });
        if (is_over) {
            wait_for_pause(stop);
            let_go();
            return false;
        }
        if (is_first) return true;
        wait(stop);
    }
    return false;
}

void Canary::wait_for_plan(const std::stop_token& stop) {
    const engine::Waits::Scope waiting{work_.waits, "canary", "the sacks of the whole range, to begin in many places"};
    bool is_planned = false;
    while (!is_planned && !stop.stop_requested()) {
        store_.repeat([&](db::Session& session) {
            const auto run = store::Store{session, mill_.request.job.store_schema}.find_run(mill_.run.id);
            is_planned = run && run->walk_done;
        });
        if (!is_planned) wait(stop);
    }
}

std::vector<Canary::Share> Canary::next_shares(std::uint64_t rows) {
    std::vector<store::SackId> pending;
    store_.repeat([&](db::Session& session) {
        pending = store::Store{session, mill_.request.job.store_schema}.pending_sacks(mill_.run.id);
    });
    std::erase_if(pending, [&](store::SackId sack) { return std::ranges::find(tried_, sack) != tried_.end(); });
    const auto places = spread(pending.size(), static_cast<std::size_t>(std::min<std::uint64_t>(rows, most_places)));
    std::vector<Share> shares;
    for (std::size_t i = 0; i < places.size(); ++i)
        shares.push_back({pending[places[i]], rows / places.size() + (i < rows % places.size() ? 1 : 0)});
    return shares;
}

/// False where stop was asked for.
bool Canary::work_off(std::vector<Share> shares, const std::stop_token& stop) {
    for (const Share& share : shares) tried_.push_back(share.sack);
    std::unique_lock lock{mutex_};
    shares_.assign(shares.begin(), shares.end());
    changed_.notify_all();
    return changed_.wait(lock, stop, [&] { return shares_.empty() && taking_ == 0 && out_.empty(); });
}

void Canary::pause(const std::stop_token& stop) {
    bool is_all = false;
    engine::Tally done;
    store_.repeat([&](db::Session& session) {
        store::Store store{session, mill_.request.job.store_schema};
        const auto run = store.find_run(mill_.run.id);
        if (!run) throw Error{ErrorKind::fatal, "run " + std::to_string(mill_.run.id) + " is not in this store any more"};
        const store::RunTotals totals = store.totals(run->id);
        done = totals.tally;
        is_all = run->walk_done && totals.sacks_done == totals.sacks && totals.waiting == 0;
        if (!is_all) store.ask_for_state(run->id, "paused");
        // Only now: a process that dies in between leaves a run whose canary is still to be told of.
        StoredSettings settings = decode_settings(run->settings);
        settings.canary = 0;
        store.set_settings(run->id, encode(settings));
    });
    if (is_all) return;
    tell(done);
    wait_for_pause(stop);
}

/// No row is begun before it is known in this process too that the run is paused, or has been resumed.
void Canary::wait_for_pause(const std::stop_token& stop) {
    while (!stop.stop_requested() && !work_.gate.reasons().contains("paused")) {
        bool goes_on = false;
        store_.repeat([&](db::Session& session) {
            const auto control = store::Store{session, mill_.request.job.store_schema}.read_control(mill_.run.id);
            goes_on = control && control->desired_state != "paused";
        });
        if (goes_on) return;
        wait(stop);
    }
}

void Canary::tell(const engine::Tally& done) const {
    const std::string name = progress::program_name(), run = std::to_string(mill_.run.id);
    const std::size_t places = tried_.size();
    hub_.note("canary: " + std::to_string(done.settled()) + " rows are done" +
              (places == 0 ? "" : ", in " + std::to_string(places) + " places over the whole range") + ": " +
              std::to_string(done.succeeded) + " succeeded, " + std::to_string(done.skipped) + " skipped, " +
              std::to_string(done.failed) + " failed; look at them, then `" + name + " resume " + run + "` goes on, and `" + name +
              " cancel " + run + "` ends it");
}

void Canary::let_go() {
    const std::lock_guard lock{mutex_};
    is_over_ = true;
    changed_.notify_all();
}

std::uint64_t Canary::begun() {
    std::uint64_t rows = 0;
    store_.repeat([&](db::Session& session) {
        const store::RunTotals totals = store::Store{session, mill_.request.job.store_schema}.totals(mill_.run.id);
        rows = totals.tally.settled() + totals.waiting;
    });
    return rows;
}

void Canary::wait(const std::stop_token& stop) { work_.clock.wait_until(work_.clock.now() + look_interval, stop); }

std::unique_ptr<engine::Lane> Canary::next(unsigned reader, std::stop_token stop) {
    if (reader >= mill_.request.job.run.workers) return sacks_.next(reader, stop);
    std::unique_lock lock{mutex_};
    while (changed_.wait(lock, stop, [&] { return is_over_ || !shares_.empty(); })) {
        if (is_over_) {
            lock.unlock();
            return sacks_.next(reader, stop);
        }
        const Share share = shares_.front();
        shares_.pop_front();
        ++taking_;
        lock.unlock();
        auto lane = sacks_.lane_of(reader, share.sack, share.rows);
        lock.lock();
        --taking_;
        if (lane) {
            out_[share.sack] = share.rows;
            return lane;
        }
        changed_.notify_all();
    }
    return nullptr;
}

void Canary::finished(unsigned reader, engine::OriginId origin, End end) {
    sacks_.finished(reader, origin, end);
    const std::lock_guard lock{mutex_};
    const auto found = out_.find(origin);
    if (found == out_.end()) return;
    // Ours no more, or not known to be: it is there to be claimed again.
    if (end == End::lost) shares_.push_back({origin, found->second});
    out_.erase(found);
    changed_.notify_all();
}

}  // namespace rowmill::run
