#include "store/waiting_settlements.hpp"

#include "store/cells.hpp"
#include "store/chunks.hpp"
#include "store/microseconds.hpp"
#include "store/storable_text.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

#include <algorithm>

namespace rowmill::store {

WaitingSettlements::WaitingSettlements(db::Session& session, const Dialect& dialect, RunId run)
    : session_{session}, dialect_{dialect}, run_{run}, dead_letters_{session, sql("insert_dead_letters", {})} {}

void WaitingSettlements::apply(std::span<const WaitingSettlement* const> chunk) {
    lock(chunk);
    for (const WaitingSettlement* settlement : chunk) {
        const auto row = locked_.find(settlement->claim.id);
        if (row == locked_.end() || row->second.token != settlement->claim.token) {
            stale_.push_back(settlement->claim.id);
            continue;
        }
        std::visit([&](const auto& outcome) { take(*settlement, outcome); }, settlement->outcome);
        locked_.erase(row);
    }
    dead_letters_.finish();
    session_.execute_all(again_);
    again_.clear();
    if (!gone_.empty()) session_.execute(sql("delete_waiting", {{"ids", gone_}}));
    gone_.clear();
}

std::string WaitingSettlements::sql(std::string_view statement, Arguments arguments) const {
    return render(statement, dialect_, arguments);
}

void WaitingSettlements::lock(std::span<const WaitingSettlement* const> chunk) {
    std::vector<WaitingId> ids;
    for (const WaitingSettlement* settlement : chunk) ids.push_back(settlement->claim.id);
    const db::ResultSet result = session_.query(sql("lock_waiting", {{"ids", ids}}));
    locked_.clear();
    for (std::size_t i = 0; i < result.rows.size(); ++i) {
        Cells cells{result, i};
        Locked& row = locked_[cells.number()];
        row.token = cells.text();
        row.first_at = cells.text();
    }
}

void WaitingSettlements::take(const WaitingSettlement& settlement, WaitingSettlement::Done done) {
    gone_.push_back(settlement.claim.id);
    engine::Tally& tally = tallies_[settlement.sack];
    ++(done == WaitingSettlement::Done::succeeded ? tally.succeeded : tally.skipped);
}

void WaitingSettlements::take(const WaitingSettlement& settlement, const engine::Retry& retry) {
    again_.push_back(sql("wait_again", {{"id", settlement.claim.id},
                                        {"attempts", retry.attempts},
                                        {"delay", in_microseconds(retry.delay)},
                                        {"error_class", Value::text(storable_class(retry.error_class))},
                                        {"reason", Value::text(storable_reason(retry.reason))}}));
}

void WaitingSettlements::take(const WaitingSettlement& settlement, const engine::DeadLetter& letter) {
    gone_.push_back(settlement.claim.id);
    ++tallies_[settlement.sack].failed;
    dead_letters_.add(sql("insert_dead_letters_row_of_waiting",
                          {{"run", run_},
                           {"sack", settlement.sack},
                           {"key", Value::bytes(encode_key(letter.key))},
                           {"attempts", letter.attempts},
                           {"error_class", Value::text(storable_class(letter.error_class))},
                           {"reason", Value::text(storable_reason(letter.reason))},
                           {"item", Value::text(storable_item(letter.item))},
                           {"first_at", Value{ValueType::datetime, locked_.at(settlement.claim.id).first_at}}}));
}

void WaitingSettlements::finish() {
    std::vector<std::string> statements;
    for (const auto& [sack, tally] : tallies_) {
        statements.push_back(sql(
            "add_to_sack",
            {{"sack", sack}, {"succeeded", tally.succeeded}, {"skipped", tally.skipped}, {"failed", tally.failed}}));
    }
    session_.execute_all(statements);
}

std::vector<WaitingId> Store::settle_waiting(RunId run, std::span<const WaitingSettlement> settlements) {
    if (settlements.empty()) return {};
    Transaction transaction{session_};
    std::vector<WaitingId> stale = settle_waiting_inside(run, settlements);
    transaction.commit();
    return stale;
}

std::vector<WaitingId> Store::settle_waiting_inside(RunId run, std::span<const WaitingSettlement> settlements) {
    std::vector<const WaitingSettlement*> in_order;
    for (const WaitingSettlement& settlement : settlements) in_order.push_back(&settlement);
    std::ranges::stable_sort(in_order, {}, [](const WaitingSettlement* each) { return each->claim.id; });
    WaitingSettlements settling{session_, dialect_, run};
    in_chunks(std::span<const WaitingSettlement* const>{in_order},
              [&](std::span<const WaitingSettlement* const> chunk) { settling.apply(chunk); });
    settling.finish();
    return settling.stale();
}

}  // namespace rowmill::store
