#include "run/splitting.hpp"

#include "engine/failpoint.hpp"
#include "run/mill.hpp"
#include "run/sharing.hpp"
#include "table/middle.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

/// A reader in the middle of a page is waited for so long.
constexpr std::chrono::milliseconds patience_with_reader{200};
/// A split is two walks along the index, a write and a claim: where the reader will be through as soon, nothing is gained.
constexpr std::chrono::milliseconds worth_of_a_split{50};

bool is_soon_read(const Stretch& stretch) {
    const auto left = stretch.time_left();
    return left && *left < worth_of_a_split;
}

}  // namespace

Splitting::Splitting(Mill& mill)
    : mill_{mill},
      reading_{mill.preparation.source, mill.preparation.source_is_store, mill.patience, mill.open,
               [&mill](db::Session& session) { mill.greet_table(session); }},
      store_{mill.link_to_store()} {}

void Splitting::opened(const store::SackRecord& sack, std::shared_ptr<Stretch> stretch) {
    const std::lock_guard lock{mutex_};
    open_[sack.id] = {sack.id, sack.fence, sack.rows, std::move(stretch)};
}

void Splitting::closed(store::SackId sack) {
    const std::lock_guard lock{mutex_};
    open_.erase(sack);
}

bool Splitting::split_largest() {
    const std::lock_guard lock{splitting_};
    std::map<store::SackId, Result> tried;
    while (auto open = largest(tried)) {
        const Result result = split(*open);
        if (result == Result::split) return true;
        tried[open->sack] = result;
    }
    return false;
}

std::optional<Splitting::Open> Splitting::largest(const std::map<store::SackId, Result>& tried) const {
    const std::lock_guard lock{mutex_};
    const Open* found = nullptr;
    std::uint64_t most = 0;
    for (const auto& [sack, open] : open_) {
        const std::uint64_t left = open.stretch->rows_left().value_or(std::uint64_t{0} - 1);
        if (left <= most || tried.contains(sack) || is_soon_read(*open.stretch)) continue;
        most = left;
        found = &open;
    }
    return found == nullptr ? std::nullopt : std::optional{*found};
}

unsigned Splitting::answer_wishes() {
    const std::lock_guard lock{splitting_};
    unsigned made = 0;
    try {
        store::Store store{store_.session(), mill_.request.job.store_schema};
        for (const store::SackId sack : store.wanted_splits(mill_.run.id, mill_.worker)) {
            auto open = find(sack);
            const bool is_too_late = open && is_soon_read(*open->stretch);
            const Result result = is_too_late ? Result::too_small : open ? split(*open) : Result::not_now;
            if (result == Result::split) ++made;
            if (result == Result::too_small)
                store::Store{store_.session(), mill_.request.job.store_schema}.decline_split(sack, open->fence);
        }
    } catch (const Error&) {
        store_.drop();  // the lanes wait for the server, and say so
    }
    return made;
}

std::optional<Splitting::Open> Splitting::find(store::SackId sack) const {
    const std::lock_guard lock{mutex_};
    const auto found = open_.find(sack);
    return found == open_.end() ? std::nullopt : std::optional{found->second};
}

bool Splitting::cut(const store::SackRecord& sack, const Key& middle, std::uint64_t below) {
    const std::lock_guard lock{splitting_};
    return store_split({sack.id, sack.fence, sack.rows, nullptr}, sack.upto, middle, below, sack.rows - below);
}

Splitting::Result Splitting::split(Open& open) {
    Result result = Result::not_now;
    const bool was_held = open.stretch->hold(patience_with_reader, [&](const Stretch::Left& left) {
        auto middle = try_split(open, left, result);
        // Killed here, the sack ends where the store says, for whoever has it next. For us it ends further up for one moment more,
        // in which nothing is read.
        if (middle) engine::failpoint("sack-split");
        return middle;
    });
    if (!was_held && open.stretch->rows_left() == 0U) return Result::too_small;
    if (result == Result::split) keep_rows(open);
    return result;
}

std::optional<Key> Splitting::try_split(Open& open, const Stretch::Left& left, Result& result) {
    const Worth worth = worth_splitting(left.page, spacing_of(mill_.request, *mill_.selection).rows);
    table::Middle middle;
    try {
        middle = table::find_middle(reading_.session(), *mill_.selection, left.range, worth.least, worth.most,
                                    mill_.patience.stopping.draining());
    } catch (const Error&) {
        reading_.drop();  // nothing was changed
        return {};
    }
    const bool is_whole = middle.rows < worth.most;
    if (is_whole) open.stretch->counted(middle.rows);
    if (!middle.key) {
        result = Result::too_small;
        return {};
    }
    const Shares shares = share_rows(open.rows, left.rows_read, middle.rows, middle.below, is_whole);
    if (!store_split(open, left.range.upto, *middle.key, shares.below, shares.above)) return {};
    open.rows = shares.below;
    open.stretch->counted(middle.below);
    result = Result::split;
    return middle.key;
}

bool Splitting::store_split(const Open& open, const Key& upto, const Key& middle, std::uint64_t below,
                            std::uint64_t above) {
    bool in_doubt = false, stands = false;
    try {
        store_.repeat([&](db::Session& session) {
            store::Store store{session, mill_.request.job.store_schema};
            if (std::exchange(in_doubt, true)) {
                const auto now = store.lock_sack(open.sack, mill_.run.token);
                // A sack that was split off itself may be lost in a failover, with the claim of it.
                if (!now && !store.holds(mill_.run.id, mill_.run.token))
                    throw Error{ErrorKind::fatal, "the server that answers now does not hold this run"};
                stands = now && split_stands(*now, open.fence, middle).value_or(false);
                if (stands || !now) return;
            }
            store.split_sack(open.sack, open.fence, upto, middle, below, above);
            stands = true;
        });
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::fenced) throw;
        // Whose it is now, and where it ends, its lane learns from its next checkpoint.
    }
    return stands;
}

void Splitting::keep_rows(const Open& open) {
    const std::lock_guard lock{mutex_};
    const auto found = open_.find(open.sack);
    if (found != open_.end() && found->second.fence == open.fence) found->second.rows = open.rows;
}

}  // namespace rowmill::run
