#include "action/lock.hpp"

#include "action/packets.hpp"

#include <algorithm>
#include <numeric>
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

/// The rows found, as they are now, in the order of the batch; the server may have found them in another.
Rows in_order(const Items& batch, std::shared_ptr<const Block> found, const std::vector<std::uint32_t>& positions,
              std::shared_ptr<const Shape> shape) {
    std::vector<std::uint32_t> order(positions.size());
    std::iota(order.begin(), order.end(), 0U);
    Rows rows{Items{std::move(found)}, positions};
    if (!std::is_sorted(positions.begin(), positions.end())) {
        std::sort(order.begin(), order.end(), [&](auto left, auto right) { return positions[left] < positions[right]; });
        rows.items = pick(rows.items, order, std::move(shape));
        std::sort(rows.positions.begin(), rows.positions.end());
    }
    if (rows.positions.size() == batch.size()) rows.positions.clear();
    return rows;
}

}  // namespace

Rows lock_rows(db::Session& session, const SqlPlan& plan, const Rendering& rendering, const Items& items) {
    const Shape& shape = *plan.selection->shape;
    std::unordered_map<std::string, std::uint32_t> position_of;
    position_of.reserve(items.size());
    for (std::size_t row = 0; row < items.size(); ++row) {
        const Item item = items[row];
        position_of.emplace(key_bytes(shape.key_columns, [&](std::size_t column) { return item.at(column).text(); }),
                            static_cast<std::uint32_t>(row));
    }

    Block found{plan.selection->shape};
    std::vector<std::uint32_t> positions;  // in the batch, of the rows found
    const std::string sql = rendering.lock(items);
    check_size(session, sql);
    session.stream(sql, [&](const db::RowView& row) {
        const auto position = position_of.find(key_bytes(shape.key_columns, [&](std::size_t column) { return row[column]; }));
        if (position == position_of.end()) return;
        positions.push_back(position->second);
        for (std::size_t column = 0; column < shape.columns.size(); ++column) {
            if (row.is_null(column)) found.append_null();
            else found.append(row[column]);
        }
    });
    return in_order(items, std::make_shared<const Block>(std::move(found)), positions, plan.selection->shape);
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
