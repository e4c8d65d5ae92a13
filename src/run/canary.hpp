#pragma once

#include "engine/work.hpp"
#include "progress/hub.hpp"
#include "run/assignments.hpp"

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <map>
#include <mutex>
#include <stop_token>
#include <thread>
#include <vector>

namespace rowmill::run {

/// `count` of `size` things in a row, evenly spread. Pure.
std::vector<std::size_t> spread(std::size_t size, std::size_t count);

/// A few rows first: hands out the beginnings of sacks over the whole range, cut off as sacks of their own, and when they are
/// done pauses the run for `resume`; from then on it hands out what the sacks' assignments do. How many rows is in the store with the run,
/// until they are done: whoever takes the run up meanwhile goes on with them, and whoever joins waits for them. Its thread ends with
/// the object. Thread-safe.
class Canary : public engine::Assignments {
public:
    Canary(Mill& mill, SackAssignments& sacks, engine::Work& work, progress::Hub& hub, std::uint64_t rows);
    ~Canary() override;

    void start();

    std::unique_ptr<engine::Lane> next(unsigned reader, std::stop_token stop) override;
    void finished(unsigned reader, engine::OriginId origin, End end) override;

private:
    struct Share {
        store::SackId sack = 0;
        std::uint64_t rows = 0;
    };

    void conduct(const std::stop_token& stop);
    bool wait_for_turn(const std::stop_token& stop);
    void wait_for_plan(const std::stop_token& stop);
    std::vector<Share> next_shares(std::uint64_t rows);
    bool work_off(std::vector<Share> shares, const std::stop_token& stop);
    void pause(const std::stop_token& stop);
    void wait_for_pause(const std::stop_token& stop);
    void let_go();
    /// Rows of the run that are settled, or wait for another attempt.
    std::uint64_t begun();
    void wait(const std::stop_token& stop);
    void tell(const engine::Tally& done) const;

    Mill& mill_;
    SackAssignments& sacks_;
    engine::Work& work_;
    progress::Hub& hub_;
    const std::uint64_t rows_;
    Link store_;  ///< of the thread
    std::vector<store::SackId> tried_;
    std::mutex mutex_;  ///< of what follows, down to `changed_`
    std::condition_variable_any changed_;
    std::deque<Share> shares_;
    std::map<store::SackId, std::uint64_t> out_;  ///< handed out and not finished: their rows
    unsigned taking_ = 0;                         ///< readers that are about to hand one out
    bool is_over_ = false;
    std::stop_source stop_;
    std::jthread thread_;
};

}  // namespace rowmill::run
