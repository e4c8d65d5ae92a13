#include "store/cells.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

namespace rowmill::store {

bool Store::ask_for_split(RunId run, WorkerId asker) {
    for (const SackId sack : ids(sql("sacks_to_ask_for", {{"run", run}, {"worker", asker}}))) {
        Transaction transaction{session_};
        if (session_.query(sql("lock_sack_to_ask_for", {{"sack", sack}, {"worker", asker}})).empty()) continue;
        session_.execute(sql("want_split", {{"sack", sack}}));
        transaction.commit();
        return true;
    }
    return false;
}

std::vector<SackId> Store::wanted_splits(RunId run, WorkerId owner) {
    return ids(sql("wanted_splits", {{"run", run}, {"worker", owner}}));
}

SackId Store::split_sack(SackId sack, std::uint64_t fence, const Key& upto, const Key& middle, std::uint64_t rows_below,
                         std::uint64_t rows_above) {
    const Error fenced{ErrorKind::fenced, "sack " + std::to_string(sack) + " is no longer ours under fence " +
                                              std::to_string(fence) + ", or does not end at " + display(upto) +
                                              " any more: it can't be split"};
    const db::ResultSet run = session_.query(sql("run_of_sack", {{"sack", sack}}));
    if (run.empty()) throw Error{fenced};
    const Value end = Value::bytes(encode_key(upto)), cut = Value::bytes(encode_key(middle));
    Transaction transaction{session_};
    if (session_.execute(sql("count_sack", {{"run", Cells{run, 0}.number()}})).matched != 1) throw Error{fenced};
    const auto shortened = session_.execute(sql(
        "shorten_sack", {{"sack", sack}, {"fence", fence}, {"upto", end}, {"middle", cut}, {"rows", rows_below}}));
    if (shortened.matched != 1) throw Error{fenced};
    const auto inserted = session_.execute(
        sql("insert_split_sack", {{"sack", sack}, {"middle", cut}, {"upto", end}, {"rows", rows_above}}));
    transaction.commit();
    return inserted.last_insert_id;
}

void Store::decline_split(SackId sack, std::uint64_t fence) {
    session_.execute(sql("decline_split", {{"sack", sack}, {"fence", fence}}));
}

}  // namespace rowmill::store
