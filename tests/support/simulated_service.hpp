#pragma once

#include "engine/load_window.hpp"
#include "seed.hpp"

#include <cmath>
#include <functional>
#include <queue>
#include <vector>

namespace rowmill::test {

/// A service that works on so many items at once, its knee; more than that wait for their turn in it. Always as many items are with
/// it as `limit` allows. In simulated time.
class SimulatedService {
public:
    explicit SimulatedService(Dice& dice) : dice_{dice} {}

    std::uint64_t knee = 16;
    std::chrono::microseconds latency{20'000};  ///< of an item that does not queue, on average
    bool varies = true;                         ///< by chance, exponentially; else by a tenth
    double refuses = 0;                         ///< which share it answers at once with "later"

    /// Until so much time has passed; tells of each item that it is done with.
    void run(std::chrono::microseconds time, const std::function<std::uint64_t()>& limit,
             const std::function<void(const engine::LoadWindow::Piece&)>& done) {
        const engine::TimePoint end = now_ + time;
        for (fill(limit()); !at_work_.empty() && at_work_.top().ended <= end; fill(limit())) {
            auto piece = at_work_.top();
            at_work_.pop();
            now_ = piece.ended;
            if (!queue_.empty() && at_work_.size() < knee) begin_next();
            piece.in_flight = at_work_.size() + queue_.size() + 1;
            ++done_;
            done(piece);
        }
        now_ = end;
    }
    engine::TimePoint now() const { return now_; }
    std::uint64_t done() const { return done_; }

private:
    struct Later {
        bool operator()(const engine::LoadWindow::Piece& a, const engine::LoadWindow::Piece& b) const { return a.ended > b.ended; }
    };

    void fill(std::uint64_t limit) {
        while (at_work_.size() + queue_.size() < limit) {
            queue_.push(now_);
            if (at_work_.size() < knee) begin_next();
        }
    }

    void begin_next() {
        const double even = static_cast<double>(dice_.between(1, 1'000'000)) / 1e6;
        const double factor = varies ? -std::log(even) : 0.9 + 0.2 * even;
        const bool refused = dice_.chance(refuses);
        const double us = refused ? 100 : static_cast<double>(latency.count()) * factor;
        const engine::TimePoint ended = now_ + std::chrono::microseconds{static_cast<std::int64_t>(us) + 1};
        at_work_.push({.began = queue_.front(), .ended = ended, .items = 1, .room = 1, .in_flight = 1, .refused = refused});
        queue_.pop();
    }

    Dice& dice_;
    engine::TimePoint now_{};
    std::uint64_t done_ = 0;
    std::priority_queue<engine::LoadWindow::Piece, std::vector<engine::LoadWindow::Piece>, Later> at_work_;
    std::queue<engine::TimePoint> queue_;  ///< when each came
};

}  // namespace rowmill::test
