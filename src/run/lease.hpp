#pragma once

#include "run/mill.hpp"

#include <functional>
#include <thread>

namespace rowmill::run {

/// Renews this worker's lease at a third of its length, on a thread and a session of its own, so that neither a slow query nor
/// a listener that does not read keeps it from doing so. Ends with the object.
class LeaseKeeper {
public:
    /// `lost` is told where the worker was declared dead: others may have its sacks.
    LeaseKeeper(Mill& mill, std::function<void(const Error&)> lost);
    ~LeaseKeeper();

private:
    void loop(std::stop_token stop);
    /// False where the lease is lost.
    bool renew();
    /// Notes meanwhile which connections there are, as they come and go.
    void wait(engine::TimePoint until, const std::stop_token& stop);
    void note_connections(store::Store& store);

    Mill& mill_;
    std::function<void(const Error&)> lost_;
    const store::WorkerIdentity identity_ = store::this_process();
    Link link_;
    std::vector<std::uint64_t> noted_;
    std::jthread thread_;
};

}  // namespace rowmill::run
