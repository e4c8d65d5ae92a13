#pragma once

#include "db/session.hpp"
#include "store/records.hpp"
#include "store/row_insert.hpp"
#include "store/statements.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace rowmill::store {

/// Writes what became of claimed items, inside a transaction: `apply` chunk by chunk, in the order of their ids, then
/// `finish`.
class WaitingSettlements {
public:
    WaitingSettlements(db::Session& session, const Dialect& dialect, RunId run);

    void apply(std::span<const WaitingSettlement* const> chunk);
    /// Adds to the sacks' tallies, in the order of their ids.
    void finish();
    /// Those that are no longer under the token that they were claimed with.
    const std::vector<WaitingId>& stale() const { return stale_; }

private:
    struct Locked {
        std::string token, first_at;
    };

    std::string sql(std::string_view statement, Arguments arguments) const;
    void lock(std::span<const WaitingSettlement* const> chunk);
    void take(const WaitingSettlement& settlement, WaitingSettlement::Done done);
    void take(const WaitingSettlement& settlement, const engine::Retry& retry);
    void take(const WaitingSettlement& settlement, const engine::DeadLetter& letter);

    db::Session& session_;
    const Dialect& dialect_;
    RunId run_;
    std::map<WaitingId, Locked> locked_;  ///< of the chunk; an item leaves it when it is taken
    std::vector<WaitingId> gone_;         ///< settled: to be deleted
    std::vector<std::string> again_;      ///< the statements that let an item wait anew
    RowInsert dead_letters_;
    std::map<SackId, engine::Tally> tallies_;
    std::vector<WaitingId> stale_;
};

}  // namespace rowmill::store
