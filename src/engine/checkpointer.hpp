#pragma once

#include "engine/detached.hpp"

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

namespace rowmill::engine {

/// The one checkpointer of a run: every `checkpoint_interval`, or `checkpoint_items` settled items, it writes the
/// checkpoints of all lanes without a transaction in one record. Thread-safe; its thread ends with `finish`.
class Checkpointer {
public:
    using Finished = std::function<void(OriginId, Assignments::End)>;

    /// `finished` is told of each lane whose completion has been recorded, or that was lost.
    Checkpointer(Work& work, Finished finished) : work_{work}, finished_{std::move(finished)} {}

    void start(ThreadScope scope);
    void add(std::shared_ptr<DetachedLane> lane);
    /// So many items have settled.
    void settled(std::uint64_t items);
    /// Records what there is, now, on the caller's thread.
    void write();
    /// The last checkpoint, after everything in flight has come back; then the thread ends.
    void finish();

private:
    void loop();

    Work& work_;
    Finished finished_;
    std::mutex mutex_;
    std::mutex writing_;
    std::condition_variable_any wake_;
    std::vector<std::shared_ptr<DetachedLane>> lanes_;
    std::uint64_t settled_ = 0;
    bool finishing_ = false;
    std::jthread thread_;
};

}  // namespace rowmill::engine
