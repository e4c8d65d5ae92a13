#include "run/planning.hpp"

#include "table/boundary.hpp"

#include <algorithm>
#include <utility>

namespace rowmill::run {
namespace {

constexpr std::size_t planned_at_once = 16;
/// Equal-width sacks are free to plan; so many a worker leave little to wait for at the end.
constexpr std::uint64_t width_sacks_per_worker = 32;

}  // namespace

Planning::Planning(Mill& mill, WithStore with_store)
    : mill_{mill},
      with_store_{std::move(with_store)},
      walking_{mill.preparation.source, mill.preparation.source_is_store, mill.patience, mill.open,
               [&mill](db::Session& session) { mill.greet_table(session); }} {}

std::uint64_t Planning::plan_some(table::Walk& walk) {
    const job::Job& job = mill_.request.job;
    table::Bounds bounds{
        .after = mill_.run.bound_after, .upto = mill_.run.bound_upto, .first = {}, .empty = mill_.run.bound_empty};
    const table::Walk from = walk;
    const bool is_first = from.position.empty();  // there is nothing to work on yet: a sack for each worker, soon
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
            const std::size_t most = is_first ? std::min<std::size_t>(job.run.workers, planned_at_once) : planned_at_once;
            planned = table::walk_sacks(session, *mill_.selection, bounds, spacing_of(mill_.request, *mill_.selection), most, walk, density_);
        }
    });
    std::vector<store::NewSack> sacks;
    for (const table::PlannedSack& sack : planned) sacks.push_back({sack.after, sack.upto, sack.rows, sack.rows_exact});
    store_sacks(sacks, from, walk);
    return sacks.size();
}

void Planning::store_sacks(std::vector<store::NewSack>& sacks, const table::Walk& from, table::Walk& walk) {
    bool in_doubt = false;
    with_store_([&](store::Store& store) {
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

}  // namespace rowmill::run
