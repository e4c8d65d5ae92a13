#include "engine/gradient_limit.hpp"

#include <algorithm>
#include <cmath>

namespace rowmill::engine {
namespace {

/// Few at first: what the latency is without load is to be seen.
constexpr double first_limit = 4, first_share = 0.25;
/// Latencies differ by chance; only what is longer than this many times the one without load is taken for a queue.
constexpr double tolerance = 1.25;
/// Times the root: how many may queue. Half of what is usual, as a few lanes are all that there are.
constexpr double headroom = 0.5;
constexpr double smoothing = 0.5;
/// Of little chance: later steps are small, and a start that ends too soon costs a minute.
constexpr double end_of_start = 0.8;
/// Samples with a queue until the latency without load is looked up again; those that shrink the limit count for several, as
/// they may come from a service that has become slower whatever the load.
constexpr int samples_to_look = 24, weight_of_shrinking = 4;
constexpr double cut_near_limit = 0.8, cut_at_limit = 0.5;

}  // namespace

GradientLimit::GradientLimit(Bounds bounds)
    : least_{static_cast<double>(std::max<std::uint64_t>(1, std::min(bounds.least, bounds.most)))},
      most_{std::max(least_, static_cast<double>(bounds.most))},
      limit_{std::clamp(std::min(first_limit, most_ * first_share), least_, most_)} {}

std::uint64_t GradientLimit::limit() const {
    const double now = is_looking_ && no_load_ > 0 ? std::max(least_, limit_ / 2) : limit_;
    return static_cast<std::uint64_t>(now);
}

void GradientLimit::sample(const LoadSample& sample) {
    if (is_looking_) return look_at_no_load(sample.latency);
    // It was something else that kept the items back, and nothing is known of more of them.
    const bool is_idle = static_cast<double>(sample.busiest) < limit_ / 2;
    const double gradient = gradient_of(sample);
    if (is_idle && gradient == 1) return;
    if (sample.latency < no_load_) no_load_ += (sample.latency - no_load_) / 4;
    if (is_starting_ && gradient > end_of_start) return move_to(2 * limit_);
    is_starting_ = false;
    const double wanted = limit_ * gradient + std::sqrt(limit_) * headroom;
    const bool is_shrinking = wanted < limit_;
    move_to(limit_ + smoothing * (wanted - limit_));
    if (gradient == 1) return;
    until_look_ -= is_shrinking ? weight_of_shrinking : 1;
    is_looking_ = until_look_ <= 0;
}

double GradientLimit::gradient_of(const LoadSample& sample) const {
    const double by_latency = tolerance * no_load_ / std::max(sample.latency, no_load_ / 100);
    return std::clamp(std::min(by_latency, 1 - sample.refused), 0.5, 1.0);
}

void GradientLimit::look_at_no_load(double latency) {
    no_load_ = std::max(latency, 1e-9);
    is_looking_ = false;
    until_look_ = samples_to_look;
}

void GradientLimit::move_to(double limit) {
    if (is_strained_) limit = std::min(limit, limit_);
    limit_ = std::clamp(limit, least_, most_);
}

void GradientLimit::strain(double strain) {
    is_strained_ = strain >= near_limit;
    if (!is_strained_) return;
    is_starting_ = false;
    limit_ = std::max(least_, limit_ * (strain >= 1 ? cut_at_limit : cut_near_limit));
}

}  // namespace rowmill::engine
