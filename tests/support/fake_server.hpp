#pragma once

#include "engine/lane.hpp"
#include "seed.hpp"

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <utility>
#include <vector>

namespace rowmill::test {

inline engine::Position position(std::int64_t key) {
    return {Value::integer(key)};
}
inline std::int64_t key_at(const engine::Position& position, std::int64_t if_empty = 0) {
    return position.empty() ? if_empty : position.front().view().as_integer();
}

/// Where in the life of a batch an error strikes.
enum class Step : std::uint8_t { begin, execute, record, commit, rollback, reconnect, standing, expand };

/// Errors by chance, as long as there are some left.
struct Storm {
    std::vector<ErrorKind> kinds;
    double chance = 0;
    unsigned left = 0;
};

/// What survives a crash: the rows' counters, the dead letters, and the origin's checkpoint.
struct Durable {
    std::map<std::int64_t, unsigned> counters;
    std::map<std::int64_t, unsigned> letters;
    std::map<std::int64_t, unsigned> waiting;  ///< attempts used up
    std::int64_t low = 0;
    std::set<std::int64_t> above;
    engine::Tally tally;
    bool complete = false;
    std::uint64_t fence = 0;
    std::uint64_t seq = 0;
};

/// A server with one session, as exact as the engine needs it: BEGIN commits what is open, statements outside
/// a transaction commit by themselves, a deadlock leaves the session outside, a failed statement leaves its transaction
/// open with what went before it, a lost connection may leave its transaction pending, a COMMIT may have taken effect
/// though its answer is lost, and a failover may lose the last commits. Not thread-safe.
class FakeServer {
public:
    using Change = std::function<void(Durable&)>;

    FakeServer(Dice& dice, Storm storm) : dice_{dice}, storm_{std::move(storm)} {}

    Durable durable;
    /// Called before each step; may ask the run to stop.
    std::function<void(Step)> before = [](Step) {};
    bool may_go_back_in_time = false;

    /// Another process takes the origin over: what was pending ends, the fence goes up.
    void claim() {
        end_pending();
        open_ = false;
        changes_.clear();
        alive_ = true;
        committed_seq_ = durable.seq;
        fence_ = ++durable.fence;
    }

    void begin() {
        strike(Step::begin);
        open();
    }

    void open() {
        if (open_) apply();
        open_ = true;
    }

    /// Carries out `change` in the open transaction, or for good where none is open.
    void change(Change change) {
        changes_.push_back(std::move(change));
        if (!open_) apply();
    }

    void record(const engine::Settlement& settlement) {
        strike(Step::record);
        if (durable.fence != fence_ || durable.seq != committed_seq_) throw Error{ErrorKind::fenced, "taken over"};
        record_sent_ = true;
        change([settlement](Durable& to) {
            to.low = key_at(settlement.low);
            to.above.clear();
            for (const auto& above : settlement.above) to.above.insert(key_at(above));
            to.tally += settlement.tally;
            for (const auto& letter : settlement.dead_letters) ++to.letters[key_at(letter.key)];
            for (const auto& retry : settlement.retries) to.waiting[key_at(retry.key)] = retry.attempts;
            to.complete = settlement.completes;
            ++to.seq;
        });
    }

    void commit() {
        before(Step::commit);
        require_connection();
        if (const auto kind = fault()) {
            if (!is_lost(*kind))
                roll_back();
            else if (dice_.chance(0.5))
                lose(false);
            else if (dice_.chance(0.5))
                lose(true);
            else {
                apply();
                lose(false);
            }
            throw Error{*kind, "COMMIT failed"};
        }
        apply();
        open_ = false;
        if (std::exchange(record_sent_, false)) ++committed_seq_;
    }

    void rollback() {
        strike(Step::rollback);
        roll_back();
    }

    /// Rolls back, where there is a connection to do it on.
    void abandon() {
        if (alive_) roll_back();
    }

    void reconnect() {
        before(Step::reconnect);
        if (alive_) lose(false);  // one that could not even roll back
        if (const auto kind = fault()) throw Error{*kind, "no connection"};
        alive_ = true;
    }

    engine::Standing standing(bool commit_sent) {
        strike(Step::standing);
        if (pending_ && pending_->waits-- > 0) throw Error{ErrorKind::replay, "the sack's row is locked"};
        end_pending();
        record_sent_ = false;
        if (durable.fence != fence_) return engine::Standing::moved;
        if (durable.seq == committed_seq_) return engine::Standing::not_recorded;
        if (durable.seq != committed_seq_ + 1 || !commit_sent) return engine::Standing::moved;
        ++committed_seq_;
        return engine::Standing::recorded;
    }

    /// Throws where the connection is lost, or chance has it that this step fails.
    void strike(Step step) {
        before(step);
        require_connection();
        const auto kind = fault();
        if (!kind) return;
        if (is_lost(*kind))
            lose(false);
        else if (*kind == ErrorKind::replay && dice_.chance(0.5))
            roll_back();  // a deadlock: the session is left outside of any transaction
        throw Error{*kind, "by chance"};
    }

private:
    struct Pending {
        std::vector<Change> changes;
        bool commits = false;
        int waits = 0;
    };

    static bool is_lost(ErrorKind kind) {
        return kind == ErrorKind::disconnected || kind == ErrorKind::overloaded || kind == ErrorKind::failover;
    }

    std::optional<ErrorKind> fault() {
        if (storm_.left == 0 || !dice_.chance(storm_.chance)) return {};
        --storm_.left;
        return storm_.kinds[dice_.between(0, storm_.kinds.size() - 1)];
    }

    void require_connection() const {
        if (!alive_) throw Error{ErrorKind::disconnected, "gone away"};
    }

    void apply() {
        if (changes_.empty()) return;
        history_.push_back(durable);
        for (const Change& change : changes_) change(durable);
        changes_.clear();
    }

    void roll_back() {
        changes_.clear();
        open_ = record_sent_ = false;
    }

    void lose(bool commit_pending) {
        alive_ = false;
        if (!changes_.empty() && (commit_pending || dice_.chance(0.5)))
            pending_ = Pending{std::exchange(changes_, {}), commit_pending && dice_.chance(0.5),
                               static_cast<int>(dice_.between(0, 2))};
        changes_.clear();
        open_ = false;
        if (may_go_back_in_time && !pending_ && !history_.empty() && dice_.chance(0.2)) {
            const std::uint64_t fence = durable.fence;
            durable = history_[dice_.between(0, history_.size() - 1)];
            durable.fence = fence;
            history_.clear();
        }
    }

    void end_pending() {
        if (!pending_) return;
        if (pending_->commits) {
            changes_ = std::move(pending_->changes);
            apply();
        }
        pending_.reset();
    }

    Dice& dice_;
    Storm storm_;
    std::vector<Change> changes_;
    std::vector<Durable> history_;
    std::optional<Pending> pending_;
    bool alive_ = true, open_ = false, record_sent_ = false;
    std::uint64_t committed_seq_ = 0;  ///< what the ledger knows to be recorded
    std::uint64_t fence_ = 0;
};

class FakeTransaction : public engine::Transaction {
public:
    FakeTransaction(FakeServer& server, bool record_inside) : server_{server}, record_inside_{record_inside} {}

    void begin() override { server_.begin(); }
    void commit() override { server_.commit(); }
    void rollback() override { server_.rollback(); }
    void reconnect() override { server_.reconnect(); }
    bool record_inside() const override { return record_inside_; }

private:
    FakeServer& server_;
    bool record_inside_;
};

/// A ledger whose record commits with the transaction, or in one of its own.
class FakeLedger : public engine::Ledger {
public:
    FakeLedger(FakeServer& server, bool record_inside) : server_{server}, record_inside_{record_inside} {}

    void record(std::span<const engine::Settlement> settlements) override {
        if (!record_inside_) server_.open();
        for (const auto& settlement : settlements) server_.record(settlement);
        if (!record_inside_) server_.commit();
    }
    engine::Standing standing(engine::OriginId, bool commit_sent) override { return server_.standing(commit_sent); }

private:
    FakeServer& server_;
    bool record_inside_;
};

}  // namespace rowmill::test
