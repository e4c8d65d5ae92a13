#include "engine/page_size.hpp"

#include <algorithm>

namespace rowmill::engine {
namespace {

constexpr std::chrono::microseconds wanted = std::chrono::milliseconds{250};

}  // namespace

std::uint64_t PageSize::size(std::uint64_t call_items) const {
    const std::uint64_t items = std::min(size_, most_);
    return std::max(call_items, items - items % call_items);
}

void PageSize::handed_out(std::uint64_t items, std::chrono::microseconds took) {
    if (items == 0) return;
    // A page that was not full says only that more would have gone.
    if (items < size_ && took <= wanted) return;
    const double factor = static_cast<double>(wanted.count()) / static_cast<double>(std::max<std::int64_t>(1, took.count()));
    const auto fitting = static_cast<std::uint64_t>(static_cast<double>(items) * std::clamp(factor, 0.5, 2.0));
    size_ = std::clamp<std::uint64_t>(fitting, 1, std::max<std::uint64_t>(most_, 1));
}

}  // namespace rowmill::engine
