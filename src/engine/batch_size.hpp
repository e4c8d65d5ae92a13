#pragma once

#include "engine/clock.hpp"

#include <cstdint>
#include <vector>

namespace rowmill::engine {

/// How many items a batch should hold so that its database work takes about `target`.
///
/// The rule is Spirit's (github.com/block/spirit, its dynamic chunk size): after ten samples at the present size, size
/// × target ÷ p90, growing at most 1.5-fold a step; one sample over five times the target cuts the size to a tenth at
/// once. Samples taken at another size don't count. Pure; not thread-safe.
class BatchSize {
public:
    struct Limits {
        std::uint64_t start = 500;
        std::uint64_t least = 10;
        std::uint64_t most = 10000;
        Duration target{200};    ///< zero: the size stays
        std::uint64_t turn = 0;  ///< another one: begin anew, at `start`
    };

    explicit BatchSize(Limits limits);

    std::uint64_t size() const { return size_; }
    /// The limits may have been changed: with another turn it begins anew, with another target it goes on from here.
    void follow(const Limits& limits);
    /// So long that the size is cut at once.
    bool is_far_too_long(std::chrono::microseconds took) const;
    /// The database work of one batch, without any wait in a queue.
    void sample(std::uint64_t items, std::chrono::microseconds took);

private:
    void resize(double size);

    Limits limits_;
    std::uint64_t size_;
    std::vector<std::int64_t> samples_;  ///< µs
};

}  // namespace rowmill::engine
