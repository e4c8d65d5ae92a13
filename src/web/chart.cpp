#include "web/chart.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace rowmill::web {
namespace {

/// The next round number above.
double round_top(double most) {
    if (!std::isfinite(most) || most <= 0) return 1;
    const double power = std::pow(10, std::floor(std::log10(most)));
    for (const double step : {1.0, 1.5, 2.0, 3.0, 4.0, 6.0, 8.0})
        if (most <= step * power) return step * power;
    return 10 * power;
}

double height_of(double value, double top) {
    // The line itself has some width, which must not be cut off.
    constexpr double margin = 2;
    return Chart::height - margin - std::clamp(value / top, 0.0, 1.0) * (Chart::height - 2 * margin);
}

}  // namespace

Chart make_chart(const std::vector<ChartPoint>& points) {
    Chart chart;
    for (const ChartPoint& point : points) chart.top = std::max(chart.top, point.value.value_or(0));
    chart.top = round_top(chart.top);
    if (points.size() < 2 || points.back().at <= points.front().at) return chart;

    const double begin = points.front().at, length = points.back().at - begin;
    const auto x_of = [&](const ChartPoint& point) { return (point.at - begin) / length * Chart::width; };
    double piece_begin = 0, last_x = 0;
    bool in_piece = false;
    const auto end_piece = [&] {
        if (in_piece) chart.area += fmt::format("V{:.0f}H{:.1f}Z", Chart::height, piece_begin);
        in_piece = false;
    };
    for (const ChartPoint& point : points) {
        const double x = x_of(point);
        if (point.is_waiting && x > last_x) chart.waits += fmt::format("M{:.1f} 0H{:.1f}V{:.0f}H{:.1f}Z", last_x, x, Chart::height, last_x);
        last_x = x;
        if (!point.value) {
            end_piece();
            continue;
        }
        if (!in_piece) piece_begin = x;
        const std::string step = fmt::format("{}{:.1f} {:.1f}", in_piece ? "L" : "M", x, height_of(*point.value, chart.top));
        chart.line += step;
        chart.area += step;
        in_piece = true;
    }
    end_piece();
    return chart;
}

}  // namespace rowmill::web
