#pragma once

#include "progress/snapshot.hpp"
#include "run/desk.hpp"
#include "web/markup.hpp"

#include <boost/json/object.hpp>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::web {

/// A row of a table, as texts.
struct ViewRow {
    std::string kind;  ///< its class: "warning"; empty: none
    std::vector<std::string> cells;
};

/// What a page shows of a run and what changes while it is on, by the names of its places: rendered once, filled into the page by the
/// server, and kept up by the script from the same thing as JSON.
struct LiveView {
    using Attributes = std::map<std::string, std::string, std::less<>>;

    std::map<std::string, std::string, std::less<>> texts;
    std::map<std::string, bool, std::less<>> shows;  ///< places that are there only at times
    std::map<std::string, Attributes, std::less<>> attributes;
    std::map<std::string, std::vector<ViewRow>, std::less<>> rows;
};

LiveView view_of(const progress::Snapshot& now);
LiveView view_of(const run::RunDetails& run);
boost::json::object to_json(const LiveView& view);

/// `<span data-text="rate">1,200</span>`
Markup live_text(const LiveView& view, std::string_view name);
/// ` data-attrs="bar" width="12"`, for a tag; of what has no attributes now, the name alone.
Markup live_attributes(const LiveView& view, std::string_view name);
/// ` data-show="can_pause" hidden`, for a tag.
Markup live_show(const LiveView& view, std::string_view name);
/// The rows of a table's body.
Markup live_rows(const LiveView& view, std::string_view name);

}  // namespace rowmill::web
