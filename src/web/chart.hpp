#pragma once

#include <optional>
#include <string>
#include <vector>

namespace rowmill::web {

/// A value at a moment, in seconds; absent: nothing was known then.
struct ChartPoint {
    double at = 0;
    std::optional<double> value;
    bool is_waiting = false;  ///< the run was held back then
};

/// A small chart over time, drawn into a box of `width` by `height` units: SVG paths.
struct Chart {
    static constexpr double width = 600, height = 120;

    std::string line, area, waits;  ///< `waits`: bars over the times when the run was held back
    double top = 0;                 ///< the value at the upper edge: a round number
};

/// Pure. The points in the order of their times. With fewer than two there is nothing to draw: empty paths.
Chart make_chart(const std::vector<ChartPoint>& points);

}  // namespace rowmill::web
