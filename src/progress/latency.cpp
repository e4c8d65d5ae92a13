#include "progress/latency.hpp"

namespace rowmill::progress {
namespace {

constexpr std::chrono::seconds window{1}, longest{30};

}  // namespace

void LatencyEstimate::add(Time now, std::uint64_t ended, std::uint64_t microseconds) {
    samples_.push_back({now, ended, microseconds});
    const auto may_do_without_first = [&] {
        const Sample& second = samples_[1];
        const auto age = now - second.time;
        return age >= longest || (age >= window && second.ended < ended);
    };
    while (samples_.size() > 2 && may_do_without_first()) samples_.pop_front();
}

std::optional<double> LatencyEstimate::seconds() const {
    if (samples_.empty()) return {};
    const Sample& first = samples_.front();
    const Sample& last = samples_.back();
    if (last.ended <= first.ended || last.microseconds < first.microseconds) return {};
    return static_cast<double>(last.microseconds - first.microseconds) / 1e6 / static_cast<double>(last.ended - first.ended);
}

}  // namespace rowmill::progress
