#include "run/lease.hpp"

#include <algorithm>

namespace rowmill::run {
namespace {

/// After a failure: the server may be back any moment, and the lease is running out.
constexpr engine::Duration soon{500};
/// A connection that nobody knows of can't be ended for a worker that dies.
constexpr engine::Duration noting_interval{1000};

}  // namespace

LeaseKeeper::LeaseKeeper(Mill& mill, std::function<void(const Error&)> lost)
    : mill_{mill}, lost_{std::move(lost)}, link_{mill.link_to_store()} {
    thread_ = std::jthread{[this](const std::stop_token& stop) {
        const db::ThreadScope scope;
        loop(stop);
        link_.drop();
    }};
}

LeaseKeeper::~LeaseKeeper() = default;

void LeaseKeeper::loop(std::stop_token stop) {
    const engine::Duration interval = mill_.request.job.run.lease / 3;
    engine::Clock& clock = mill_.patience.clock;
    while (!stop.stop_requested()) {
        engine::Duration next = interval;
        try {
            if (!renew()) {
                return lost_(Error{ErrorKind::fenced, "this worker was declared dead, its lease had run out; what it had not "
                                                      "recorded is left to others"});
            }
        } catch (const Error&) {
            // The lanes wait for the server, and say so.
            link_.drop();
            next = std::min(interval, soon);
        }
        wait(clock.now() + next, stop);
    }
}

void LeaseKeeper::wait(engine::TimePoint until, const std::stop_token& stop) {
    engine::Clock& clock = mill_.patience.clock;
    while (clock.now() < until && clock.wait_until(std::min(until, clock.now() + noting_interval), stop)) {
        try {
            store::Store store{link_.session(), mill_.request.job.store_schema};
            note_connections(store);
        } catch (const Error&) {
            return link_.drop();
        }
    }
}

void LeaseKeeper::note_connections(store::Store& store) {
    auto now = mill_.open.connection_ids(store.session().server());
    if (now == noted_) return;
    store.note_connections(mill_.worker, now);
    noted_ = std::move(now);
}

bool LeaseKeeper::renew() {
    store::Store store{link_.session(), mill_.request.job.store_schema};
    if (!store.renew_lease(mill_.worker, identity_, mill_.request.job.run.lease)) return false;
    store.renew_waiting(mill_.waiting_claims->all(), mill_.request.job.run.lease);
    note_connections(store);
    return true;
}

}  // namespace rowmill::run
