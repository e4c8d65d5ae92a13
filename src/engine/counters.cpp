#include "engine/counters.hpp"

namespace rowmill::engine {

std::atomic<std::uint64_t>& ShardedCounter::shard() {
    static std::atomic<std::size_t> next{0};
    thread_local const std::size_t mine = next++ % shards;
    return shards_[mine].value;
}

std::uint64_t ShardedCounter::sum() const {
    std::uint64_t sum = 0;
    for (const Shard& shard : shards_) sum += shard.value.load(std::memory_order_relaxed);
    return sum;
}

}  // namespace rowmill::engine
