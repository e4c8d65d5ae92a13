#pragma once

#include "run/mill.hpp"
#include "run/stretch.hpp"

#include <functional>
#include <map>
#include <memory>
#include <mutex>

namespace rowmill::run {

/// Makes lanes of sacks that are claimed, and of what waits for another attempt, on sessions that each reader keeps over its
/// lanes. Outlives the lanes. Thread-safe, but for what is one reader's: that is for its own thread.
class Lanes {
public:
    /// `on_retries` is called when items that are to be tried again have been recorded.
    Lanes(Mill& mill, std::function<void()> on_retries);

    /// What of a sack is left to read.
    std::shared_ptr<Stretch> stretch_of(const store::SackRecord& sack) const;
    /// Looks at the table first: throws Error{refused} where it is not as the run knows it.
    std::unique_ptr<engine::Lane> of_sack(unsigned reader, const store::SackRecord& sack, std::shared_ptr<Stretch> stretch);
    /// For what its parameters are, see WaitingSource.
    std::unique_ptr<engine::Lane> of_waiting(unsigned reader, std::function<bool()> is_over, WaitingSource::Wait wait);
    /// Connects what this reader will need, so that its first sack need not wait for it. One attempt, whose failure is none yet.
    void open_sessions(unsigned reader);
    /// What this reader reads on.
    Link& reading(unsigned reader);

private:
    /// What one reader keeps over its lanes: sessions, and what it has learned of the keys.
    struct Reader {
        Reader(Mill& mill);
        Link reading;
        Link working;
        std::shared_ptr<table::SideBySide> side_by_side;
    };

    Reader& reader_of(unsigned index);
    void put_action_on(engine::Lane& lane, Reader& reader);

    Mill& mill_;
    Link checkpoints_;
    std::shared_ptr<CheckpointLedger> checkpoint_ledger_;
    Link waiting_store_;  ///< of the waiting lane's source alone
    Link waiting_settlements_;
    std::mutex mutex_;
    std::map<unsigned, std::unique_ptr<Reader>> readers_;
};

}  // namespace rowmill::run
