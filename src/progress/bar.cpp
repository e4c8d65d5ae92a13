#include "progress/cells.hpp"
#include "progress/figures.hpp"
#include "progress/render.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace rowmill::progress {
namespace {

constexpr std::size_t unknown_width = 80, narrow = 100;
constexpr std::size_t shortest_bar = 8, longest_bar = 40, longest_name = 24, shortest_reason = 12;

enum class Colour : std::uint8_t { none, bold, green, yellow, red };

/// A part of the line. Parts stand in the order of reading and are chosen in the order of importance (1 first).
struct Part {
    unsigned importance = 0;
    std::string text;
    Colour colour = Colour::none;
    std::size_t least = 0;  ///< may be cut down to so many cells; 0: whole or not at all
    bool chosen = false;
};

constexpr unsigned bar_importance = 7;

std::string settled_text(const Snapshot& now, bool short_form) {
    std::string text = grouped(now.settled);
    if (!now.total) return text;
    if (short_form) return text + (now.total_is_exact ? "/" : "/~") + grouped(*now.total);
    return text + (now.total_is_exact ? " of " : " of about ") + grouped(*now.total);
}

// Each cell of the bar has eight steps, so that it moves even where a percent is less than a cell.
std::string blocks(double percent, std::size_t cells) {
    static constexpr std::array<std::string_view, 8> eighths{" ", "▏", "▎", "▍", "▌", "▋", "▊", "▉"};
    const std::size_t inner = cells - 2;
    const auto steps = static_cast<std::size_t>(std::floor(percent / 100 * static_cast<double>(inner * 8)));
    std::string text = "▕";
    for (std::size_t i = 0; i < inner; ++i) {
        const std::size_t here = std::min<std::size_t>(8, steps - std::min(steps, i * 8));
        text += here == 8 ? "█" : eighths[here];
    }
    return text + "▏";
}

std::vector<Part> parts_of(const Snapshot& now, bool short_form) {
    const std::optional<double> percent = shown_percent(now);
    std::vector<Part> parts;
    const auto add = [&](unsigned importance, std::string text, Colour colour = Colour::none, std::size_t least = 0) {
        if (!text.empty()) parts.push_back({importance, std::move(text), colour, least});
    };
    const auto count = [](std::uint64_t number, const char* what) {
        return number == 0 ? std::string{} : grouped(number) + what;
    };
    add(10, fit_cells(harmless(now.job), longest_name), Colour::bold);
    if (percent) add(bar_importance, std::string(shortest_bar, ' '), Colour::green);
    add(1, percent ? percent_text(*percent) : "counting");
    add(2, settled_text(now, short_form));
    add(4, rate_text(now.rate) + (short_form ? "/s" : " rows/s"));
    add(9, count(now.in_flight, " in flight"));
    add(8, count(now.waiting_retry, short_form ? " to retry" : " waiting to retry"), Colour::yellow);
    add(6, now.dead_letters == 0 ? std::string{} : dead_letters_text(now.dead_letters), Colour::red);
    add(3, why_waiting(now), Colour::yellow, shortest_reason);
    if (const std::optional<double> eta = shown_eta(now)) add(5, "ETA " + duration_text(*eta));
    return parts;
}

// Takes the parts that fit, the most important first; returns the cells left over.
std::size_t choose(std::vector<Part>& parts, std::size_t columns) {
    std::vector<Part*> by_importance;
    for (Part& part : parts) by_importance.push_back(&part);
    std::ranges::sort(by_importance, {}, &Part::importance);
    std::size_t left = columns;
    bool first = true;
    for (Part* part : by_importance) {
        const std::size_t gap = first ? 0 : 2;
        if (left < gap) break;
        const std::size_t room = left - gap;
        if (part->least > 0 && room >= part->least) part->text = fit_cells(part->text, room);
        const std::size_t cells = cells_of(part->text);
        if (cells > room) continue;
        part->chosen = true;
        first = false;
        left -= gap + cells;
    }
    return left;
}

std::string painted(const std::string& text, Colour colour) {
    static constexpr std::array<std::string_view, 5> codes{"", "\x1b[1m", "\x1b[32m", "\x1b[33m", "\x1b[31m"};
    if (colour == Colour::none) return text;
    return std::string{codes[static_cast<std::size_t>(colour)]} + text + "\x1b[0m";
}

}  // namespace

std::string to_bar(const Snapshot& now, unsigned columns, bool colour) {
    const std::size_t width = columns == 0 ? unknown_width : columns;
    std::vector<Part> parts = parts_of(now, width < narrow);
    const std::size_t left = choose(parts, width);
    std::string line;
    for (Part& part : parts) {
        if (!part.chosen) continue;
        if (part.importance == bar_importance) {
            part.text = blocks(*shown_percent(now), std::min(longest_bar, shortest_bar + left));
        }
        if (!line.empty()) line += "  ";
        line += colour ? painted(part.text, part.colour) : part.text;
    }
    return line;
}

}  // namespace rowmill::progress
