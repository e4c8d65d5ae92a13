#include "progress/figures.hpp"
#include "web/run_parts.hpp"

#include <algorithm>
#include <cmath>

namespace rowmill::web {
namespace {

using run::RangeCell;

/// Its classes: the state, of a running one its fraction in tenths, and the mark. The script says the same.
std::string look_of(const RangeCell& cell) {
    std::string look = cell.state == RangeCell::State::waiting ? "waiting" : cell.state == RangeCell::State::done ? "done" : "running";
    if (cell.state == RangeCell::State::running)
        look += " f" + std::to_string(static_cast<int>(std::clamp(std::floor(cell.fraction * 10), 0.0, 9.0)));
    return cell.dead_letters > 0 ? look + " dead" : look;
}

std::string title_of(const RangeCell& cell) {
    std::string title = "up to " + cell.upto + ": " + progress::grouped(cell.settled) + " rows settled";
    if (cell.sacks > 1) title += ", " + progress::grouped(cell.sacks) + " sacks";
    return cell.dead_letters > 0 ? title + ", " + progress::dead_letters_text(cell.dead_letters) : title;
}

/// Few cells are large, many are small.
const char* size_of(std::size_t cells) {
    return cells <= 48 ? "large" : cells <= 400 ? "medium" : "small";
}

Markup key(const LiveView& view, const char* look, const char* label, const char* count) {
    return markup(R"(<li><i class="{}"></i>{} <b>{}</b></li>)", look, label, live_text(view, count));
}

}  // namespace

Markup range_map_part(const run::RunDetails& run, const LiveView& view) {
    const Markup cells = each(
        run.map, [](const RangeCell& cell) { return markup(R"(<i class="{}" title="{}"></i>)", look_of(cell), title_of(cell)); });
    return markup(R"(<section class="card map" aria-labelledby="map-title"><h2 id="map-title">Range map</h2><p class="hint">The range of )"
                  R"(keys from its beginning on, a cell for each sack that has been cut. <span>{} sacks done.</span></p>)"
                  R"(<div class="cells {}" id="map" role="img"{}>{}</div><p class="empty"{}>No sack has been cut yet.</p>)"
                  R"(<ul class="legend">{}{}{}{}</ul></section>)",
                  live_text(view, "sacks"), size_of(run.map.size()), live_attributes(view, "map"), cells, live_show(view, "has_no_map"),
                  key(view, "waiting", "waiting", "cells_waiting"), key(view, "running f5", "running", "cells_running"),
                  key(view, "done", "done", "cells_done"), key(view, "done dead", "with dead letters", "cells_dead"));
}

}  // namespace rowmill::web
