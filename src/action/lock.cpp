#include "action/lock.hpp"

#include "action/packets.hpp"

#include <algorithm>
#include <string>
#include <unordered_map>

namespace rowmill::action {
namespace {

/// The bytes of a key of several columns: lengths keep ('ab', 'c') and ('a', 'bc') apart.
template <typename CellOf>
std::string key_bytes(std::size_t columns, const CellOf& cell) {
    std::string bytes;
    for (std::size_t column = 0; column < columns; ++column) {
        const std::string_view text = cell(column);
        bytes += std::to_string(text.size());
        bytes += ':';
        bytes += text;
    }
    return bytes;
}

}  // namespace

Rows lock_rows(db::Session& session, const SqlPlan& plan, const Rendering& rendering, const Items& items) {
    const std::size_t columns = plan.selection->key.columns.size();
    std::unordered_map<std::string, std::uint32_t> position_of;
    position_of.reserve(items.size());
    for (std::size_t row = 0; row < items.size(); ++row) {
        const Item item = items[row];
        position_of.emplace(key_bytes(columns, [&](std::size_t column) { return item.at(column).text(); }),
                            static_cast<std::uint32_t>(row));
    }

    Rows rows;
    const std::string sql = rendering.lock(items);
    check_size(session, sql);
    session.stream(sql, [&](const db::RowView& found) {
        const auto position = position_of.find(key_bytes(columns, [&](std::size_t column) { return found[column]; }));
        if (position != position_of.end()) rows.positions.push_back(position->second);
    });
    if (rows.positions.size() == items.size()) return {items, {}};
    std::sort(rows.positions.begin(), rows.positions.end());
    rows.items = pick(items, rows.positions, plan.selection->shape);
    return rows;
}

Items pick(const Items& items, const std::vector<std::uint32_t>& positions, std::shared_ptr<const Shape> shape) {
    const std::size_t columns = shape->columns.size();
    auto block = std::make_shared<Block>(std::move(shape));
    for (const std::uint32_t position : positions) {
        for (std::size_t column = 0; column < columns; ++column) {
            const ValueView cell = items[position].at(column);
            if (cell.is_null())
                block->append_null();
            else
                block->append(cell.text());
        }
    }
    return Items{std::move(block)};
}

}  // namespace rowmill::action
