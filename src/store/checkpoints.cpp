#include "store/cells.hpp"
#include "store/key_list.hpp"
#include "store/missing.hpp"
#include "store/sack_row.hpp"
#include "store/store.hpp"
#include "store/transaction.hpp"

#include <algorithm>
#include <map>

namespace rowmill::store {
namespace {

/// As many statements as may travel in one packet (see db::Session::execute_all).
constexpr std::size_t packet_statements = 100;

}  // namespace

std::string Store::checkpoint_statement(const Checkpoint& checkpoint) const {
    const char* name = checkpoint.completes ? "complete_sack" : "checkpoint";
    return sql(name, {{"sack", checkpoint.sack},
                      {"fence", checkpoint.fence},
                      {"seq", checkpoint.seq},
                      {"low", Value::bytes(encode_key(checkpoint.low))},
                      {"above", Value::bytes(encode_keys(checkpoint.above))},
                      {"succeeded", checkpoint.tally.succeeded},
                      {"skipped", checkpoint.tally.skipped},
                      {"failed", checkpoint.tally.failed}});
}

void Store::checkpoint(const Checkpoint& checkpoint) {
    if (session_.execute(checkpoint_statement(checkpoint)).matched == 1) return;
    throw Error{ErrorKind::fenced, "sack " + std::to_string(checkpoint.sack) + " is no longer ours under fence " +
                                       std::to_string(checkpoint.fence) + " at checkpoint " +
                                       std::to_string(checkpoint.seq) + ": another worker has taken it over"};
}

std::vector<SackId> Store::checkpoint_all(std::span<const Checkpoint> checkpoints) {
    std::vector<const Checkpoint*> in_order;
    for (const Checkpoint& checkpoint : checkpoints) in_order.push_back(&checkpoint);
    std::ranges::sort(in_order, {}, &Checkpoint::sack);

    std::vector<SackId> fenced;
    if (in_order.empty()) return fenced;
    std::vector<const Checkpoint*> with_items;
    Transaction transaction{session_};
    for (std::size_t first = 0; first < in_order.size(); first += packet_statements) {
        const auto chunk = std::span{in_order}.subspan(first, std::min(packet_statements, in_order.size() - first));
        std::vector<std::string> statements;
        for (const Checkpoint* checkpoint : chunk) statements.push_back(checkpoint_statement(*checkpoint));
        const auto executed = session_.execute_all(statements);
        for (std::size_t i = 0; i < chunk.size(); ++i) {
            if (executed.at(i).matched != 1) {
                fenced.push_back(chunk[i]->sack);
            } else if (!chunk[i]->dead_letters.empty() || !chunk[i]->retries.empty()) {
                with_items.push_back(chunk[i]);
            }
        }
    }
    if (!fenced.empty()) return fenced;  // rolled back
    store_items(with_items);
    transaction.commit();
    return {};
}

void Store::store_items(std::span<const Checkpoint* const> checkpoints) {
    if (checkpoints.empty()) return;
    std::vector<SackId> sacks;
    for (const Checkpoint* checkpoint : checkpoints) sacks.push_back(checkpoint->sack);
    const db::ResultSet result = session_.query(sql("runs_of_sacks", {{"ids", sacks}}));
    std::map<SackId, RunId> runs;
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        Cells cells{result, row};
        const SackId sack = cells.number();
        runs[sack] = cells.number();
    }
    for (const Checkpoint* checkpoint : checkpoints) {
        add_dead_letters(runs.at(checkpoint->sack), checkpoint->sack, checkpoint->dead_letters);
        add_waiting(runs.at(checkpoint->sack), checkpoint->sack, checkpoint->retries);
    }
}

std::optional<SackRecord> Store::lock_sack(SackId sack, const std::string& run_token) {
    try {
        const db::ResultSet result = session_.query(sql("lock_sack", {{"sack", sack}}));
        if (result.empty()) return {};
        SackRecord record = read_sack(result, 0);
        const db::ResultSet runs =
            session_.query(sql("run_holds_token", {{"run", record.run}, {"token", Value::text(run_token)}}));
        if (!Cells{runs, 0}.flag()) return {};
        return record;
    } catch (const Error& error) {
        if (is_missing(error)) return {};
        throw;
    }
}

}  // namespace rowmill::store
