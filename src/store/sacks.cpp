#include "store/cells.hpp"
#include "store/key_list.hpp"
#include "store/row_insert.hpp"
#include "store/sack_row.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

#include <algorithm>
#include <random>

namespace rowmill::store {
namespace {

/// How far a claim raises the fence. Not by one: a server that took over without the last claims, or without a sack that was split
/// off, would hand out the same fence (or the same sack id) again, and two workers would hold it.
std::uint64_t fence_step() {
    thread_local std::mt19937_64 bits{std::random_device{}()};
    return std::uniform_int_distribution<std::uint64_t>{1, std::uint64_t{1} << 24U}(bits);
}

}  // namespace

SackRecord read_sack(const db::ResultSet& result, std::size_t row) {
    Cells cells{result, row};
    SackRecord sack;
    sack.id = cells.number();
    sack.run = cells.number();
    sack.ordinal = cells.number();
    sack.after = cells.key();
    sack.upto = cells.key();
    sack.low = cells.key();
    sack.above = decode_keys(cells.text());
    sack.fence = cells.number();
    sack.seq = cells.number();
    sack.rows = cells.number();
    sack.rows_exact = cells.flag();
    sack.tally.succeeded = cells.number();
    sack.tally.skipped = cells.number();
    sack.tally.failed = cells.number();
    sack.state = cells.text();
    return sack;
}

void Store::add_sacks(RunId run, std::span<const NewSack> sacks, const Key& walked_from, const Key& walked_to,
                      bool walk_done) {
    Transaction transaction{session_};
    const auto advanced = session_.execute(sql("advance_walk", {{"run", run},
                                                                {"count", sacks.size()},
                                                                {"walked_from", Value::bytes(encode_key(walked_from))},
                                                                {"walked_to", Value::bytes(encode_key(walked_to))},
                                                                {"walk_done", walk_done}}));
    if (advanced.matched != 1) {
        throw Error{ErrorKind::fenced, "another process planned the sacks after " + display(walked_from) + " of run " +
                                           std::to_string(run)};
    }
    insert_sacks(run, sacks);
    transaction.commit();
}

void Store::insert_sacks(RunId run, std::span<const NewSack> sacks) {
    if (sacks.empty()) return;
    const db::ResultSet count = session_.query(sql("sack_count", {{"run", run}}));
    std::uint64_t ordinal = Cells{count, 0}.number() - sacks.size();
    RowInsert insert{session_, sql("insert_sacks")};
    for (const NewSack& sack : sacks) {
        insert.add(sql("insert_sacks_row", {{"run", run},
                                            {"ordinal", ordinal++},
                                            {"after", Value::bytes(encode_key(sack.after))},
                                            {"upto", Value::bytes(encode_key(sack.upto))},
                                            {"rows", sack.rows},
                                            {"rows_exact", sack.rows_exact}}));
    }
    insert.finish();
}

std::optional<SackRecord> Store::claim_sack(RunId run, WorkerId worker) {
    auto pending = claim_pending(run, worker);
    return pending ? std::move(pending) : claim_orphan(run, worker);
}

std::optional<SackRecord> Store::claim_pending(RunId run, WorkerId worker) {
    return take(sql("next_pending_sack", {{"run", run}}), worker);
}

std::optional<SackRecord> Store::claim_orphan(RunId run, WorkerId worker) {
    const db::ResultSet orphans = session_.query(sql("orphaned_sacks", {{"run", run}, {"worker", worker}}));
    for (std::size_t row = 0; row < orphans.rows.size(); ++row) {
        Cells cells{orphans, row};
        const SackId sack = cells.number();
        const std::uint64_t fence = cells.number();
        if (auto taken = take(sql("lock_orphaned_sack", {{"sack", sack}, {"fence", fence}}), worker)) return taken;
    }
    return {};
}

std::optional<SackRecord> Store::claim_this(SackId sack, WorkerId worker) {
    return take(sql("lock_pending_sack", {{"sack", sack}}), worker);
}

std::vector<SackId> Store::pending_sacks(RunId run) { return ids(sql("pending_sacks", {{"run", run}})); }

std::optional<SackRecord> Store::take(const std::string& locking_read, WorkerId worker) {
    Transaction transaction{session_};
    const db::ResultSet result = session_.query(locking_read);
    if (result.empty()) return {};
    SackRecord sack = read_sack(result, 0);
    const std::uint64_t step = fence_step();
    const auto taken = session_.execute(sql("take_sack", {{"sack", sack.id}, {"worker", worker}, {"step", step}}));
    if (taken.matched != 1) throw Error{ErrorKind::fenced, "this worker was declared dead while its lease had run out"};
    transaction.commit();
    sack.fence += step;
    sack.state = "running";
    return sack;
}

OpenSacks Store::open_sacks(RunId run, std::uint64_t most) {
    const db::ResultSet result = session_.query(sql("open_sacks", {{"run", run}, {"most", most}}));
    if (result.empty()) throw Error{ErrorKind::fatal, "run " + std::to_string(run) + " is not in this store any more"};
    Cells cells{result, 0};
    OpenSacks open;
    open.pending = cells.number();
    open.running = cells.number();
    open.walk_done = cells.flag();
    open.walk_position = cells.key();
    open.first_worker = cells.number();
    open.workers = cells.number();
    return open;
}

void Store::release_sack(SackId sack, std::uint64_t fence) {
    session_.execute(sql("release_sack", {{"sack", sack}, {"fence", fence}}));
}

void Store::release_unheld(RunId run, WorkerId worker, std::span<const SackId> held) {
    for (const SackRecord& sack : read_sacks(sql("running_sacks_of_worker", {{"run", run}, {"worker", worker}}))) {
        if (std::ranges::find(held, sack.id) == held.end()) release_sack(sack.id, sack.fence);
    }
}

void Store::glance_at_sacks(RunId run, const std::function<void(const SackGlance&)>& each) {
    session_.stream(sql("glance_at_sacks", {{"run", run}}), [&](const db::RowView& row) {
        each({.ordinal = number_in(row[0]),
              .after = row[1],
              .upto = row[2],
              .low = row[3],
              .rows = number_in(row[4]),
              .settled = number_in(row[5]),
              .failed = number_in(row[6]),
              .state = row[7]});
    });
}

std::vector<SackRecord> Store::begun_sacks(RunId run) {
    return read_sacks(sql("begun_sacks", {{"run", run}}));
}

std::vector<SackRecord> Store::read_sacks(const std::string& query) {
    const db::ResultSet result = session_.query(query);
    std::vector<SackRecord> sacks;
    for (std::size_t row = 0; row < result.rows.size(); ++row) sacks.push_back(read_sack(result, row));
    return sacks;
}

}  // namespace rowmill::store
