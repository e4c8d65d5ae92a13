#pragma once

#include "progress/channels.hpp"
#include "run/background.hpp"
#include "run/last_words.hpp"
#include "run/store_reader.hpp"

#include <atomic>
#include <chrono>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

namespace rowmill::run {

/// Where to watch runs: those that this process works on tell it themselves; of all others it is told as the store has it, about twice a
/// second, on one thread for all of them. A run's channel ends when the run has, nobody works on it and all is told that was noted of
/// it; one that waits to be taken up again stays.
/// Thread-safe.
class Follower {
public:
    Follower(StoreReader& store, const BackgroundRuns& runs, progress::Channels& channels);
    ~Follower();
    Follower(const Follower&) = delete;
    Follower& operator=(const Follower&) = delete;

    /// The channel of a run, whoever works on it by then, with its present state; forgotten where nobody subscribes to it within seconds.
    /// Absent: there is no such run. Throws like StoreReader.
    std::shared_ptr<progress::Channel> follow(store::RunId run);
    /// Of how many runs it has told the end.
    std::uint64_t ends() const { return ends_; }

private:
    using Clock = std::chrono::steady_clock;

    /// What the store says of a run at one moment.
    struct Seen {
        bool is_there = false, is_over = false;
        progress::Snapshot now;
        std::vector<store::NoteRecord> notes;  ///< since the last look
        std::uint64_t last_note = 0;
    };
    struct Followed {
        std::optional<std::uint64_t> last_note{};  ///< absent: what there is by now is no news
        std::string told{};     ///< the state that was told last
        std::string problem{};  ///< why the last look failed, though the store can be reached; empty: it did not
        Clock::time_point wanted_at{};
        LastWords last_words{};
        bool was_over = false;  ///< at the last look: it is held back for its last words, for a moment or for longer
    };

    void loop(const std::stop_token& stop);
    /// The channel that a run of this process is told of by now, which is to stay whoever works on it next.
    std::shared_ptr<progress::Channel> keep_of_ours(store::RunId run);
    /// One that is told of here; absent where this process has begun to work on the run.
    std::shared_ptr<progress::Channel> begin_to_follow(store::RunId run, const Seen& seen);
    /// One look for each of them, whatever becomes of the others'. False: the store can't be reached.
    bool look_at_all(const std::stop_token& stop);
    void look_at(const std::shared_ptr<progress::Channel>& channel, Followed followed);
    bool can_reach_store();
    /// This run alone can't be seen.
    void tell_problem(progress::Channel& channel, const std::string& why);
    static void tell(progress::Channel& channel, const progress::Snapshot& now, Followed& followed);
    void end(const std::shared_ptr<progress::Channel>& channel, const Seen& seen);
    Seen see(store::RunId run, std::optional<std::uint64_t> after_note);
    /// What is to be looked at now. Forgets what nobody watches.
    std::vector<std::pair<std::shared_ptr<progress::Channel>, Followed>> watched();
    void lost(const std::string& why);
    void found();

    StoreReader& store_;
    const BackgroundRuns& runs_;
    progress::Channels& channels_;
    std::mutex mutex_;
    std::map<store::RunId, Followed> followed_;
    std::atomic<std::uint64_t> ends_ = 0;
    bool is_lost_ = false;  ///< the thread's alone
    std::jthread thread_;
};

}  // namespace rowmill::run
