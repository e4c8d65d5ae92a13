#include "progress/estimate.hpp"

namespace rowmill::progress {
namespace {

// Finer samples than this add nothing to a window of seconds, and would make the memory depend on the caller.
constexpr RateEstimate::Seconds finest{0.1};
// A pace taken from less work than this is noise: one batch may have ended in it, or none.
constexpr double shortest_work = 0.25;

}  // namespace

void RateEstimate::add(Time now, std::uint64_t settled, double waited) {
    if (!samples_.empty() && (settled < samples_.back().settled || waited < samples_.back().waited)) samples_.clear();
    const bool replaces = samples_.size() > 1 && now - samples_[samples_.size() - 2].time < finest;
    if (replaces) samples_.pop_back();
    samples_.push_back({now, settled, waited});
    forget_before(now);
    take_pace();
}

void RateEstimate::forget_before(Time now) {
    // The newest sample that is at least a window old stays: the window is measured from it.
    while (samples_.size() > 2 && now - samples_[1].time >= window_) samples_.pop_front();
}

void RateEstimate::take_pace() {
    const Sample& first = samples_.front();
    const Sample& last = samples_.back();
    const double worked = Seconds{last.time - first.time}.count() - (last.waited - first.waited);
    if (worked < shortest_work) return;
    if (last.settled == first.settled && !working_rate_) return;
    working_rate_ = static_cast<double>(last.settled - first.settled) / worked;
}

double RateEstimate::rate() const {
    if (samples_.size() < 2) return 0;
    const double elapsed = Seconds{samples_.back().time - samples_.front().time}.count();
    if (elapsed <= 0) return 0;
    return static_cast<double>(samples_.back().settled - samples_.front().settled) / elapsed;
}

std::optional<double> RateEstimate::eta_seconds(std::uint64_t remaining) const {
    if (remaining == 0) return 0.0;
    if (!working_rate_ || *working_rate_ <= 0) return std::nullopt;
    return static_cast<double>(remaining) / *working_rate_;
}

}  // namespace rowmill::progress
