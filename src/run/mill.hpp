#pragma once

#include "engine/gate.hpp"
#include "engine/lane.hpp"
#include "run/link.hpp"
#include "run/preparation.hpp"
#include "run/sack_lane.hpp"
#include "run/waiting_lane.hpp"
#include "store/store.hpp"

#include <atomic>
#include <memory>
#include <mutex>
#include <string>

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
    std::atomic<bool> is_left_behind = false;                 ///< the run is over for who began it: see Request::leave_behind
    std::unique_ptr<db::Session> idle_with_store{};           ///< left by the last user of the run store to the next; one thread
    mutable std::mutex mutex{};
    mutable std::string known_definition{};  ///< one under which the table was found to be as the run knows it

    /// Throws Error{failover}, which is waited for, where a session is not with the server that holds this run: after a failover
    /// an address may lead elsewhere for a while, and another server's rows are not this run's.
    void greet(db::Session& session) const;
    /// The same, and throws Error{refused} where the table is not as the run knows it.
    void greet_table(db::Session& session) const;
    /// Calls that never return are all that is left: ends the process under them, or has who began the run go on without it.
    void leave_behind(int exit_code);
    Link link_to_store(Link::Until until = Link::Until::draining) const;
    StoreKey store_key() const { return {request.job.store_schema, run.id, run.token}; }
    /// Whether work and checkpoint commit together.
    bool is_transacted() const { return plan && exactly_once; }
};

}  // namespace rowmill::run
