#pragma once

#include "support/seed.hpp"
#include "support/trial.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// Processes on one run to which the worst happens at random, all the time: they are killed, put to sleep for longer than their lease
/// and woken up, and new ones join.
class Crowd {
public:
    Crowd(const Trial& trial, Dice& dice, std::size_t size, std::vector<std::string> flags);

    /// Goes on until `is_done`, or until nobody is left though new ones have joined.
    void trouble_until(const std::function<bool()>& is_done);
    /// Wakes up those that sleep and waits for all to end. How each ended, sorted: "exit 0", "signal 9" …
    std::vector<std::string> dismiss();

    std::uint64_t kills() const { return kills_; }
    std::uint64_t sleeps() const { return sleeps_; }
    std::uint64_t joined() const { return joined_; }
    /// What those that ended by themselves, but not with exit 0, wrote to stderr.
    const std::string& complaints() const { return complaints_; }

private:
    using Time = std::chrono::steady_clock::time_point;
    struct Member {
        std::unique_ptr<Process> process;
        Time wake_at{};
        bool sleeps = false;
    };

    void join();
    void wake_the_rested();
    void trouble_one();
    void bury_the_dead();
    void take_down(Member& member);

    const Trial& trial_;
    Dice& dice_;
    std::size_t size_;
    std::vector<std::string> flags_;
    std::vector<Member> members_;
    std::vector<std::string> ends_;
    std::string complaints_;
    std::uint64_t kills_ = 0, sleeps_ = 0, joined_ = 0;
};

/// As many rows as ROWMILL_SHARED_ROWS says.
std::uint64_t shared_rows(std::uint64_t usually);

}  // namespace rowmill::test
