#include "item/random_token.hpp"
#include "store/cells.hpp"
#include "store/chunks.hpp"
#include "store/microseconds.hpp"
#include "store/row_insert.hpp"
#include "store/storable_text.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

#include <algorithm>

namespace rowmill::store {
namespace {

WaitingRecord read(Cells cells, const std::string& token) {
    WaitingRecord waiting;
    waiting.id = cells.number();
    waiting.sack = cells.number();
    waiting.key = cells.key();
    waiting.attempts = static_cast<unsigned>(cells.number()) + 1;  // the statement that follows counts this one
    waiting.last_class = cells.text();
    waiting.reason = cells.text();
    waiting.first_at = cells.text();
    waiting.token = token;
    return waiting;
}

}  // namespace

void Store::add_waiting(RunId run, SackId sack, std::span<const engine::Retry> retries) {
    RowInsert insert{session_, sql("insert_waiting")};
    for (const engine::Retry& retry : retries) {
        insert.add(sql("insert_waiting_row", {{"run", run},
                                              {"sack", sack},
                                              {"key", Value::bytes(encode_key(retry.key))},
                                              {"attempts", retry.attempts},
                                              {"delay", in_microseconds(retry.delay)},
                                              {"error_class", Value::text(storable_class(retry.error_class))},
                                              {"reason", Value::text(storable_reason(retry.reason))}}));
    }
    insert.finish();
}

std::vector<WaitingRecord> Store::claim_waiting(RunId run, WorkerId worker, std::size_t most,
                                                std::chrono::milliseconds lease) {
    std::vector<WaitingRecord> claimed;
    if (most == 0) return claimed;
    Transaction transaction{session_};
    const db::ResultSet due = session_.query(sql("due_waiting", {{"run", run}, {"most", std::min(most, ids_in_list)}}));
    if (due.empty()) return claimed;
    const std::string token = random_token();
    std::vector<WaitingId> ids;
    for (std::size_t row = 0; row < due.rows.size(); ++row) {
        claimed.push_back(read(Cells{due, row}, token));
        ids.push_back(claimed.back().id);
    }
    session_.execute(
        sql("take_waiting",
            {{"ids", ids}, {"token", Value::text(token)}, {"worker", worker}, {"lease", in_microseconds(lease)}}));
    transaction.commit();
    return claimed;
}

void Store::renew_waiting(std::span<const WaitingClaim> claims, std::chrono::milliseconds lease) {
    in_chunks(claims, [&](std::span<const WaitingClaim> chunk) {
        std::vector<WaitingId> ids;
        std::vector<Value> tokens;
        for (const WaitingClaim& claim : chunk) {
            ids.push_back(claim.id);
            tokens.push_back(Value::text(claim.token));
        }
        session_.execute(sql("renew_waiting", {{"ids", ids}, {"tokens", tokens}, {"lease", in_microseconds(lease)}}));
    });
}

std::optional<std::chrono::milliseconds> Store::next_waiting(RunId run) {
    const db::ResultSet next = session_.query(sql("next_waiting", {{"run", run}}));
    if (next.empty()) return {};
    // Rounded up: who wakes a moment too early would find nothing.
    return std::chrono::ceil<std::chrono::milliseconds>(
        std::chrono::microseconds{static_cast<std::int64_t>(Cells{next, 0}.number())});
}

void Store::return_waiting(WorkerId worker, std::span<const WaitingId> held) {
    in_chunks(held, [&](std::span<const WaitingId> chunk) {
        Transaction transaction{session_};
        const std::vector<WaitingId> free =
            ids(sql("lock_waiting_of_worker", {{"worker", worker}, {"ids", std::vector(chunk.begin(), chunk.end())}}));
        if (free.empty()) return;
        session_.execute(sql("return_waiting", {{"ids", free}}));
        transaction.commit();
    });
}

}  // namespace rowmill::store
