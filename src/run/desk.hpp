#pragma once

#include "db/connector.hpp"
#include "progress/channels.hpp"
#include "run/catalog.hpp"
#include "run/live_settings.hpp"
#include "run/plan.hpp"
#include "run/range_map.hpp"
#include "store/records.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::run {

/// What is known of a run, for a page that shows all of it.
struct RunDetails {
    progress::Snapshot now;
    std::vector<RangeCell> map;
    std::vector<store::SampleRecord> samples;  ///< oldest first, some 120 over the run's life
    std::vector<store::NoteRecord> notes;      ///< oldest first, the last 200
    std::vector<store::ErrorClassRecord> classes;  ///< of its dead letters, the most frequent first
    job::Overrides settings;    ///< what can be set while it is on, as it stands: key and text, in the order of live_keys()
    bool is_ours = false;       ///< worked on by this process
    bool can_be_resumed = false;  ///< here, by this process: it is of a job of the catalog
    std::string offered_as;       ///< the name of that job in the catalog; empty: it is of none
    /// Names of secret parameters that have to be given anew for that, because the store does not keep them.
    std::vector<std::string> missing_secrets;
};

/// Where runs are looked at, begun and steered by who does not work on them: a web page, a program. Every call may take as long as the
/// store does; where it can't be reached they throw Error{unreachable}, and Error{usage} where there is no such run, or nothing of the
/// kind can be done with it now: with a sentence that says so. Thread-safe.
struct Desk {
    virtual ~Desk() = default;

    // Jobs
    virtual Catalog& catalog() = 0;
    virtual Plan plan(std::string_view job, const ParamTexts& params) = 0;
    /// Begins a run in the background of this process, or goes on with the unfinished one of these parameters. Throws BadParams, Busy,
    /// and like execute() for what is found before a run is worked on.
    virtual store::RunId start(std::string_view job, const ParamTexts& params) = 0;

    // Looking
    /// The newest first.
    virtual std::vector<progress::Snapshot> runs(std::size_t most) = 0;
    virtual std::optional<progress::Snapshot> run(store::RunId run) = 0;
    virtual std::optional<RunDetails> details(store::RunId run) = 0;
    /// Those of a class (empty: of all), in the order they were written, after the one with this id; its `item` is what was read of the row.
    virtual std::vector<store::DeadLetterRecord> dead_letters(store::RunId run, const std::string& error_class, std::uint64_t after,
                                                              std::size_t most) = 0;
    /// Where it is told how the run gets on: by this process, where it works on it, else as the store has it, about twice a second while
    /// anybody is subscribed. Absent: there is no such run.
    virtual std::shared_ptr<progress::Channel> watch(store::RunId run) = 0;

    // Steering. Each returns a sentence for people: what came of it.
    virtual std::string pause(store::RunId run) = 0;
    virtual std::string cancel(store::RunId run) = 0;
    virtual std::string set(store::RunId run, const job::Overrides& settings) = 0;
    /// Asks its workers to go on; where there are none, works it here, in the background. Throws JobChanged where its job has changed
    /// since it began, unless `accept_changes`: then it goes on with the job as it is now.
    virtual std::string resume(store::RunId run, const ParamTexts& secrets, bool accept_changes = false) = 0;
    /// Tries its dead letters again, here, in the background: those of a class (empty: of all) or of these keys, as `display` shows them.
    virtual std::string retry(store::RunId run, const std::string& error_class, const std::vector<std::string>& keys,
                              const ParamTexts& secrets) = 0;
};

class BackgroundRuns;

/// The desk of a run store. `store`: how sessions with it are made. `catalog`, `runs` and `channels` must outlive it. Follows, on a
/// thread of its own, the runs of other processes that somebody watches.
std::unique_ptr<Desk> make_desk(db::Connector store, std::string schema, Catalog& catalog, BackgroundRuns& runs,
                                progress::Channels& channels);

}  // namespace rowmill::run
