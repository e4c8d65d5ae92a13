#include "web/live_view.hpp"

#include "progress/cells.hpp"

#include <boost/json.hpp>

namespace rowmill::web {

namespace json = boost::json;

namespace {

json::string text(std::string_view value) {
    return json::string{progress::valid_utf8(value)};
}

json::array to_json(const std::vector<ViewRow>& rows) {
    json::array all;
    for (const ViewRow& row : rows) {
        json::array cells;
        for (const std::string& cell : row.cells) cells.emplace_back(text(cell));
        all.push_back(json::object{{"kind", row.kind}, {"cells", std::move(cells)}});
    }
    return all;
}

}  // namespace

json::object to_json(const LiveView& view) {
    json::object texts, shows, attributes, rows;
    for (const auto& [name, value] : view.texts) texts[name] = text(value);
    for (const auto& [name, is_shown] : view.shows) shows[name] = is_shown;
    for (const auto& [name, values] : view.attributes) {
        json::object of_one;
        for (const auto& [attribute, value] : values) of_one[attribute] = text(value);
        attributes[name] = std::move(of_one);
    }
    for (const auto& [name, values] : view.rows) rows[name] = to_json(values);
    return {{"texts", std::move(texts)}, {"shows", std::move(shows)}, {"attributes", std::move(attributes)}, {"rows", std::move(rows)}};
}

Markup live_text(const LiveView& view, std::string_view name) {
    return markup(R"(<span data-text="{}">{}</span>)", name, view.texts.at(std::string{name}));
}

Markup live_attributes(const LiveView& view, std::string_view name) {
    Markup all = markup(R"( data-attrs="{}")", name);
    if (const auto found = view.attributes.find(name); found != view.attributes.end())
        all += each(found->second, [](const auto& one) { return markup(R"( {}="{}")", one.first, one.second); });
    return all;
}

Markup live_show(const LiveView& view, std::string_view name) {
    return markup(R"( data-show="{}"{})", name, view.shows.at(std::string{name}) ? markup("") : markup(" hidden"));
}

Markup live_rows(const LiveView& view, std::string_view name) {
    return each(view.rows.at(std::string{name}), [](const ViewRow& row) {
        return markup(R"(<tr class="{}">{}</tr>)", row.kind,
                      each(row.cells, [](const std::string& cell) { return markup("<td>{}</td>", cell); }));
    });
}

}  // namespace rowmill::web
