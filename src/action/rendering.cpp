#include "action/rendering.hpp"

#include "action/fill.hpp"
#include "db/session.hpp"
#include "table/condition.hpp"

#include <algorithm>

namespace rowmill::action {
namespace {

constexpr std::size_t most_keys = 10000;

void check_list(const Items& items) {
    if (items.size() <= most_keys) return;
    throw Error{ErrorKind::too_large, "a batch of " + std::to_string(items.size()) +
                                          " keys in one condition: more than " + std::to_string(most_keys) +
                                          " make the server read the whole index"};
}

}  // namespace

std::string RowTemplate::for_row(const Item& item, const table::Quote& quote) const {
    std::string sql = texts[0];
    for (std::size_t i = 0; i < columns.size(); ++i) {
        sql += quote(item.at(columns[i]));
        sql += texts[i + 1];
    }
    return sql;
}

std::string RowTemplate::for_binding() const {
    std::string sql = texts[0];
    for (std::size_t i = 0; i < columns.size(); ++i) sql += "?" + texts[i + 1];
    return sql;
}

RowTemplate Rendering::for_rows(std::size_t statement) const {
    RowTemplate result{{""}, {}};
    bool after_placeholder = false;
    for (const job::Statement::Part& part : plan_.statements[statement].parts()) {
        std::string& text = result.texts.back();
        if (!part.is_placeholder) {
            append_text(text, part.text, after_placeholder);
        } else if (part.text == "filter") {
            append_apart(text, filter());
        } else if (plan_.constants.contains(part.text)) {
            append_apart(text, constant(part.text));
        } else {
            append_apart(text, {});
            result.columns.push_back(plan_.selection->shape->find(part.text).value());
            result.texts.emplace_back();
        }
        after_placeholder = part.is_placeholder;
    }
    return result;
}

std::string Rendering::for_batch(std::size_t statement, const Items& items) const {
    return fill(plan_.statements[statement],
                [&](const std::string& name) { return batch_placeholder(statement, name, items); });
}

std::string Rendering::for_stretch(std::size_t statement, const table::Range& range) const {
    return fill(plan_.statements[statement], [&](const std::string& name) {
        if (name == "range")
            return "(" + table::range_condition(plan_.selection->key, range, quote_) + " AND " + filter() + ")";
        return name == "filter" ? filter() : constant(name);
    });
}

std::string Rendering::lock(const Items& items) const {
    const bool by_bounds = std::any_of(
        plan_.statements.begin(), plan_.statements.end(),
        [](const job::Statement& each) { return (each.uses("lo") || each.uses("hi")) && !each.uses("filter"); });
    const std::string key = db::quote_name(plan_.selection->key.columns.front().name);
    // A statement that goes by bounds alone touches whatever lies between them: then all of that is locked.
    const std::string rows = by_bounds
                                 ? "(" + key + " BETWEEN " + bound(items, true) + " AND " + bound(items, false) + ")"
                                 : condition(items);
    return "SELECT " + plan_.selection->columns() + " FROM " + plan_.selection->from() + " WHERE " + rows + " AND " +
           filter() + " FOR UPDATE";
}

std::string Rendering::constant(std::string_view name) const {
    return quote_(plan_.constants.find(name)->second);
}

std::string Rendering::filter() const {
    return plan_.selection->filter.empty() ? "(1)" : "(" + plan_.selection->filter + ")";
}

std::string Rendering::batch_placeholder(std::size_t statement, std::string_view name, const Items& items) const {
    if (name == "batch") return condition(items);
    // What is locked was found to match; an earlier statement may have changed that since.
    if (name == "range") return plan_.lock ? condition(items) : "(" + condition(items) + " AND " + filter() + ")";
    if (name == "ids") return keys(items);
    if (name == "lo") return bound(items, true);
    if (name == "hi") return bound(items, false);
    if (name != "filter") return constant(name);
    // Between two bounds lie rows of others: beside them, the filter is what keeps a statement to the rows that are
    // locked, and to those of the partitions.
    const bool by_bounds = plan_.statements[statement].uses("lo") || plan_.statements[statement].uses("hi");
    if (by_bounds && plan_.lock) return condition(items);
    if (by_bounds && !plan_.selection->partitions.empty()) return "(" + condition(items) + " AND " + filter() + ")";
    return filter();
}

std::string Rendering::bound(const Items& items, bool low) const {
    const bool first = low != plan_.selection->descending;
    return quote_(items[first ? 0 : items.size() - 1].at(0));
}

std::string Rendering::keys(const Items& items) const {
    check_list(items);
    std::string list;
    for (std::size_t i = 0; i < items.size(); ++i) {
        if (i > 0) list += ',';
        list += quote_(items[i].at(0));
    }
    return list;
}

std::string Rendering::condition(const Items& items) const {
    check_list(items);
    return table::batch_condition(plan_.selection->key, items, quote_);
}

}  // namespace rowmill::action
