#pragma once

#include "engine/batch.hpp"
#include "engine/clock.hpp"

#include <array>
#include <atomic>
#include <cstdint>

namespace rowmill::engine {

/// A number that many threads add to and one samples now and then. Each thread adds to a cache line of its own.
class ShardedCounter {
public:
    void add(std::uint64_t amount) { shard().fetch_add(amount, std::memory_order_relaxed); }
    std::uint64_t sum() const;

private:
    static constexpr std::size_t shards = 8;
    struct alignas(64) Shard {
        std::atomic<std::uint64_t> value{0};
    };
    std::atomic<std::uint64_t>& shard();
    std::array<Shard, shards> shards_;
};

/// What this process has done since it started. Written by many threads, sampled by one.
struct Counters {
    ShardedCounter succeeded, skipped, failed, retried;
    ShardedCounter read_us, work_us, commit_us, waiting_us;
    ShardedCounter calls, calls_us;  ///< batches, of lanes without a transaction calls, that had an end, and the time they took
    std::atomic<std::uint64_t> batch_size{0};

    void add(const Tally& tally) {
        succeeded.add(tally.succeeded);
        skipped.add(tally.skipped);
        failed.add(tally.failed);
    }
    Tally tally() const { return {succeeded.sum(), skipped.sum(), failed.sum()}; }
};

/// Adds the time until its end to a counter, in microseconds.
class Stopwatch {
public:
    Stopwatch(const Clock& clock, ShardedCounter& counter) : clock_{clock}, counter_{counter}, start_{clock.now()} {}
    ~Stopwatch() { counter_.add(static_cast<std::uint64_t>(elapsed().count())); }
    Stopwatch(const Stopwatch&) = delete;
    Stopwatch& operator=(const Stopwatch&) = delete;

    std::chrono::microseconds elapsed() const {
        return std::chrono::duration_cast<std::chrono::microseconds>(clock_.now() - start_);
    }

private:
    const Clock& clock_;
    ShardedCounter& counter_;
    TimePoint start_;
};

}  // namespace rowmill::engine
