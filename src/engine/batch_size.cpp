#include "engine/batch_size.hpp"

#include <algorithm>
#include <cmath>

namespace rowmill::engine {
namespace {

constexpr std::size_t samples_wanted = 10;
constexpr double most_growth = 1.5;
constexpr int panic_factor = 5;
constexpr double panic_cut = 0.1;

}  // namespace

BatchSize::BatchSize(Limits limits) : limits_{limits}, size_{limits.start} {
    limits_.least = std::min(limits_.least, limits_.start);
    limits_.most = std::max(limits_.most, limits_.start);
}

void BatchSize::follow(const Limits& limits) {
    if (limits.turn != limits_.turn) {
        *this = BatchSize{limits};
    } else if (limits.target != limits_.target) {
        limits_.target = limits.target;
        samples_.clear();
    }
}

void BatchSize::resize(double size) {
    size_ = static_cast<std::uint64_t>(
        std::clamp(std::round(size), static_cast<double>(limits_.least), static_cast<double>(limits_.most)));
    samples_.clear();
}

bool BatchSize::is_far_too_long(std::chrono::microseconds took) const {
    return limits_.target > Duration::zero() && took > panic_factor * std::chrono::microseconds{limits_.target};
}

void BatchSize::sample(std::uint64_t items, std::chrono::microseconds took) {
    if (limits_.target <= Duration::zero() || items > size_) return;
    const std::chrono::microseconds target = limits_.target;
    // Even where the batch was smaller than asked for (a page bounded in bytes): a full one would take longer still.
    if (is_far_too_long(took)) return resize(static_cast<double>(items) * panic_cut);
    if (items != size_) return;
    samples_.push_back(took.count());
    if (samples_.size() < samples_wanted) return;
    std::sort(samples_.begin(), samples_.end());
    const auto p90 = static_cast<double>(std::max<std::int64_t>(1, samples_[samples_wanted * 9 / 10 - 1]));
    const double wanted = static_cast<double>(size_) * static_cast<double>(target.count()) / p90;
    resize(std::min(wanted, static_cast<double>(size_) * most_growth));
}

}  // namespace rowmill::engine
