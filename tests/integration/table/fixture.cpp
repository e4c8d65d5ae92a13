#include "fixture.hpp"

namespace rowmill::test {

table::Selection Tables::select(const std::string& table, const std::string& key_index,
                                const std::vector<std::string>& columns) {
    table::Selection selection;
    selection.table = table::describe(session_, {}, table);
    selection.key = table::choose_key(selection.table, key_index);
    selection.shape = std::make_shared<Shape>(table::shape_of(selection.table, selection.key, columns));
    return selection;
}

std::vector<table::PlannedSack> Tables::plan(const table::Selection& selection, std::uint64_t sack_rows,
                                             const std::vector<std::string>& from, const std::vector<std::string>& to) {
    const table::Bounds bounds = table::read_bounds(session_, selection, from, to);
    std::vector<table::PlannedSack> sacks;
    table::Walk walk;
    table::Density density;
    while (!walk.done) {
        for (auto& sack : table::walk_sacks(session_, selection, bounds, {sack_rows}, 3, walk, density)) {
            sacks.push_back(std::move(sack));
        }
    }
    return sacks;
}

std::vector<std::string> Tables::read(const table::Selection& selection, const table::Range& range,
                                      std::size_t page_size, std::uint64_t rows_hint) {
    table::PageReader reader{session_, std::make_shared<table::Selection>(selection), range, rows_hint};
    std::vector<std::string> keys;
    for (bool at_end = false; !at_end;) {
        const engine::Page page = reader.next(page_size, {});
        for (std::size_t i = 0; i < page.items.size(); ++i) keys.push_back(display(page.items[i].key()));
        at_end = page.at_end;
    }
    return keys;
}

std::vector<std::string> Tables::read(const table::Selection& selection, const std::vector<table::PlannedSack>& sacks,
                                      std::size_t page_size) {
    std::vector<std::string> keys;
    for (const table::PlannedSack& sack : sacks) {
        for (auto& key : read(selection, {sack.after, sack.upto, selection.descending}, page_size, sack.rows)) {
            keys.push_back(std::move(key));
        }
    }
    return keys;
}

std::vector<std::string> Tables::ordered_by_server(const table::Selection& selection, const std::string& where) {
    std::string columns;
    for (const auto& column : selection.key.columns)
        columns += (columns.empty() ? "" : ", ") + db::quote_name(column.name);
    const db::ResultSet result =
        session_.query("SELECT " + columns + " FROM " + selection.table.quoted() + (where.empty() ? "" : " WHERE ") +
                       where + " ORDER BY " + table::order_by(selection.key, selection.descending));
    std::vector<std::string> keys;
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        Key key;
        for (std::size_t i = 0; i < selection.key.columns.size(); ++i) {
            key.emplace_back(selection.key.columns[i].type, result.text(row, i));
        }
        keys.push_back(display(key));
    }
    return keys;
}

std::uint64_t Tables::entries_read() {
    const db::ResultSet result = session_.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
    std::uint64_t entries = 0;
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        const std::string& name = result.text(row, 0);
        // A read by key finds one entry (or none), next and prev step to another.
        const bool counts = name == "Handler_read_key" || name == "Handler_read_next" || name == "Handler_read_prev" ||
                            name == "Handler_read_first" || name == "Handler_read_last" ||
                            name == "Handler_read_rnd_next";
        if (counts) entries += std::stoull(result.text(row, 1));
    }
    return entries;
}

}  // namespace rowmill::test
