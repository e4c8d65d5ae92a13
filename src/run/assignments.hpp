#pragma once

#include "engine/gate.hpp"
#include "engine/lane.hpp"
#include "run/link.hpp"
#include "run/preparation.hpp"
#include "run/sack_lane.hpp"
#include "run/splitting.hpp"
#include "run/waiting_lane.hpp"
#include "store/store.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace rowmill::run {

/// What the lanes of a run are made from. Outlives them.
struct Mill {
    const Request& request;
    const Preparation& preparation;
    store::RunRecord run;
    store::WorkerId worker = 0;
    std::shared_ptr<const action::SqlPlan> plan;              ///< of an sql action
    std::shared_ptr<engine::Action> action;                   ///< of any other
    std::shared_ptr<const table::Selection> selection;        ///< stretches only, where the plan allows it
    bool exactly_once = true;                                 ///< work and checkpoint commit together
    std::shared_ptr<WaitingClaims> waiting_claims{};          ///< held by this process
    bool may_have_retries = false;                            ///< items may wait for another attempt
    bool waiting_only = false;                                ///< only what waits for another attempt is worked on
    Patience& patience;
    OpenSessions& open;
    engine::Gate* gate = nullptr;                             ///< nothing is planned or claimed while it is held
    std::atomic<bool> is_cancelled = false;                   ///< the run, by somebody's command
    mutable std::mutex mutex{};
    mutable std::string known_definition{};  ///< one under which the table was found to be as the run knows it

    /// Throws Error{failover}, which is waited for, where a session is not with the server that holds this run: after a failover
    /// an address may lead elsewhere for a while, and another server's rows are not this run's.
    void greet(db::Session& session) const;
    /// The same, and throws Error{refused} where the table is not as the run knows it.
    void greet_table(db::Session& session) const;
    Link link_to_store(Link::Until until = Link::Until::draining) const;
    StoreKey store_key() const { return {request.job.store_schema, run.id, run.token}; }
    /// Whether work and checkpoint commit together.
    bool is_transacted() const { return plan && exactly_once; }
};

/// Plans a run's sacks ahead of the readers, and claims them for lanes; one reader more, the last, is given what waits for
/// another attempt. A reader that finds none takes over what dead workers have left, or gets a part of a sack that is worked
/// on, here or by another process; what all decide is in sharing.hpp. Thread-safe; the planner's thread ends with the object.
class SackAssignments : public engine::Assignments {
public:
    /// `on_error` is told of what stops the planning.
    SackAssignments(Mill& mill, std::function<void(const Error&)> on_error);
    ~SackAssignments() override;

    /// Begins to plan where the stored walk stands; `all`: the whole range, however many sacks that are.
    void start(bool all = false);

    std::unique_ptr<engine::Lane> next(unsigned reader, std::stop_token stop) override;
    void finished(unsigned reader, engine::OriginId origin, End end) override;

    /// The lane of one sack that is pending, or of the first so many rows of it, which become a sack of their own. Absent where it is
    /// not to be had.
    std::unique_ptr<engine::Lane> lane_of(unsigned reader, store::SackId sack, std::uint64_t rows);

    /// Splits, or refuses to, the sacks that other processes have asked for a part of. To be called about twice a second, from
    /// any thread: one look at the store.
    void answer_wishes();

    /// Items that were claimed for another attempt which was never begun wait as before. Once nothing is in flight.
    void give_back_unbegun();
    /// True once every sack is done and no more will be planned.
    bool all_done();

private:
    /// The sessions of one reader, kept over its lanes.
    struct Reader {
        Reader(Mill& mill);
        Link reading;
        Link working;
    };

    using Time = std::chrono::steady_clock::time_point;

    void plan(std::stop_token stop);
    /// Whether the walk is done, as the store was last seen.
    bool is_planned() const;
    /// Waits until it is for us to plan more, from where the store stands. False: nothing more is to be planned, or not by us.
    bool wait_to_plan(table::Walk& walk, std::stop_token stop);
    std::uint64_t plan_some(table::Walk& walk);
    /// Stores what was planned; where the store stands elsewhere, takes its walk for ours and plans nothing.
    void store_sacks(std::vector<store::NewSack>& sacks, const table::Walk& from, table::Walk& walk);
    /// How the run stands, for all who wait to hear of it.
    store::OpenSacks look();

    std::unique_ptr<engine::Lane> sack_for(unsigned reader, std::stop_token stop);
    /// What a reader does that knows of no sack to claim; one at a time.
    std::optional<store::SackRecord> look_around();
    std::optional<store::SackRecord> share(const store::OpenSacks& open);
    /// Ends what dead workers have left, and claims a sack of theirs.
    std::optional<store::SackRecord> take_over();
    void wait_for_others(std::unique_lock<std::mutex>& lock, const std::stop_token& stop);
    void sack_came();
    Reader& reader_of(unsigned index);
    void put_action_on(engine::Lane& lane, Reader& reader);
    /// The lane of what waits for another attempt, once; again where it was lost.
    std::unique_ptr<engine::Lane> waiting_lane(unsigned reader);
    bool nothing_left();
    using Claim = std::optional<store::SackRecord> (store::Store::*)(store::RunId, store::WorkerId);
    std::optional<store::SackRecord> claim(Claim from);
    std::optional<store::SackRecord> claim_with(const std::function<std::optional<store::SackRecord>(store::Store&)>& from);
    /// The sack, cut off behind its first `rows` rows.
    store::SackRecord cut(unsigned reader, store::SackRecord sack, std::uint64_t rows);
    std::unique_ptr<engine::Lane> lane_for(unsigned reader, const store::SackRecord& sack);
    void changed();

    Mill& mill_;
    std::function<void(const Error&)> on_error_;
    mutable std::mutex mutex_;  ///< of what follows, down to `changed_`
    std::condition_variable_any changed_;
    std::map<store::SackId, std::uint64_t> held_;  ///< sack -> fence
    std::uint64_t pending_ = 0;                    ///< planned or given back, not yet claimed, as far as we know
    bool planned_ = false;                         ///< the walk is done
    bool plans_all_ = false;
    bool over_ = false;                            ///< every sack is done, and no more will be planned
    bool looking_ = false;                         ///< one reader looks around for all
    Time next_look_{}, next_take_over_{};
    std::uint64_t changes_ = 0;                    ///< so that a reader misses none between its look and its wait
    Splitting splitting_;
    Link walking_;  ///< the planner's alone
    std::mutex store_mutex_;
    Link store_;
    bool claim_in_doubt_ = false;
    Link checkpoints_;
    std::shared_ptr<CheckpointLedger> checkpoint_ledger_;
    bool waiting_lane_is_out_ = false;
    Link waiting_store_;  ///< of the waiting lane's source alone
    Link waiting_settlements_;
    std::map<unsigned, std::unique_ptr<Reader>> readers_;
    std::jthread planner_;
};

}  // namespace rowmill::run
