#include "run/sampler.hpp"

#include "engine/reasons.hpp"

#include <algorithm>

namespace rowmill::run {

store::SampleRecord sample_of(const progress::Snapshot& now) {
    const bool goes_on = std::ranges::any_of(now.workers, [](const auto& worker) { return worker.waiting_for.empty(); });
    return {.at = {},
            .settled = now.settled,
            .failed = now.failed,
            .in_flight = now.in_flight,
            .rate = now.rate,
            .latency_seconds = now.latency_seconds,
            .waiting_for = goes_on ? std::string{} : now.waiting_for};
}

bool was_held_up(const store::SampleRecord& sample) {
    return !sample.waiting_for.empty() && sample.waiting_for != engine::rate_is_limited;
}

void Sampler::keep(store::Store& store, const progress::Snapshot& now, engine::TimePoint at) {
    if (kept_at_ && at - *kept_at_ < interval_) return;
    interval_ = store.add_sample(now.run, interval_, sample_of(now));
    kept_at_ = at;
}

}  // namespace rowmill::run
