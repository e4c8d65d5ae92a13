#pragma once

#include "run/lanes.hpp"
#include "run/mill.hpp"
#include "run/planning.hpp"
#include "run/splitting.hpp"

#include <chrono>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

namespace rowmill::run {

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
    using Time = std::chrono::steady_clock::time_point;

    void plan(std::stop_token stop);
    /// Whether the walk is done, as the store was last seen.
    bool is_planned() const;
    /// Waits until it is for us to plan more, from where the store stands. False: nothing more is to be planned, or not by us.
    bool wait_to_plan(table::Walk& walk, std::stop_token stop);
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
    /// The lane of what waits for another attempt, once; again where it was lost.
    std::unique_ptr<engine::Lane> waiting_lane(unsigned reader);
    bool nothing_left();
    using Claim = std::optional<store::SackRecord> (store::Store::*)(store::RunId, store::WorkerId);
    std::optional<store::SackRecord> claim(Claim from);
    std::optional<store::SackRecord> claim_with(const std::function<std::optional<store::SackRecord>(store::Store&)>& from);
    /// The sack, cut off behind its first `rows` rows; absent where it is not ours any more.
    std::optional<store::SackRecord> cut(unsigned reader, store::SackRecord sack, std::uint64_t rows);
    std::unique_ptr<engine::Lane> lane_for(unsigned reader, const store::SackRecord& sack);
    void changed();

    using Work = std::function<void(store::Store&)>;
    /// Does on the run store what is safe to do again, until it is done. Whoever keeps the result is alone with the store until
    /// what it learned from it is noted.
    std::unique_lock<std::mutex> with_store(const Work& work);

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
    bool look_again_ = false;                      ///< what it sees may be old already
    Time next_look_{}, next_take_over_{};
    std::uint64_t changes_ = 0;                    ///< so that a reader misses none between its look and its wait
    bool waiting_lane_is_out_ = false;
    std::mutex store_mutex_;
    Link store_;
    bool claim_in_doubt_ = false;
    Splitting splitting_;
    Planning planning_;  ///< the planner's alone
    Lanes lanes_;
    std::jthread planner_;
};

}  // namespace rowmill::run
