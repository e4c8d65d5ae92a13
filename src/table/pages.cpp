#include "table/pages.hpp"

#include "table/boundary.hpp"
#include "table/side_by_side.hpp"

#include <algorithm>
#include <map>
#include <optional>

namespace rowmill::table {
namespace {

/// How many windows without a match one page may cross before it returns as it is.
constexpr unsigned windows_a_page = 8;

/// As a double a FLOAT comes back exactly, and finds its way back into a FLOAT column.
std::string whole_value(const std::string& name, const ColumnDescription* column) {
    if (column != nullptr && column->data_type == "float") return name + " + 0e0";
    if (column != nullptr && column->data_type == "bit") return "CAST(" + name + " AS UNSIGNED)";
    return name;
}

void append_row(Block& block, const db::RowView& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
        if (row.is_null(i)) {
            block.append_null();
        } else {
            block.append(row[i]);
        }
    }
}

Key last_key(const Block& block) {
    return Item{block, block.rows() - 1}.key();
}

}  // namespace

std::string Selection::partitioned_table() const {
    std::string sql = table.quoted();
    for (const std::string& partition : partitions) {
        sql += (&partition == &partitions.front() ? " PARTITION (" : ", ") + db::quote_name(partition);
    }
    if (!partitions.empty()) sql += ")";
    return sql;
}

std::string Selection::from() const { return partitioned_table() + " FORCE INDEX (" + db::quote_name(key.index) + ")"; }

std::string Selection::columns() const {
    std::string list;
    for (const Column& column : shape->columns) {
        if (!list.empty()) list += ", ";
        list += whole_value(db::quote_name(column.name), table.find(column.name));
    }
    return list;
}

/// A page in the making.
struct PageReader::Filling {
    std::size_t wanted;
    std::shared_ptr<Block> block;
    std::uint64_t count = 0;
    std::optional<Key> last{};  ///< where it was filled up; absent while there is room
    bool is_reckoned = false;
};

PageReader::PageReader(db::Session& session, std::shared_ptr<const Selection> selection, Range range,
                       std::uint64_t rows, std::shared_ptr<SideBySide> learned)
    : session_{session}, selection_{std::move(selection)}, range_{std::move(range)}, rows_{rows} {
    if (!selection_->may_reckon) return;
    side_by_side_ = learned ? std::move(learned) : std::make_shared<SideBySide>(*selection_);
}

PageReader::~PageReader() = default;

engine::Page PageReader::next(std::size_t max, std::stop_token stop) {
    throw_if_stopped(stop);
    Filling filling{std::max<std::size_t>(max, 1), std::make_shared<Block>(selection_->shape)};
    engine::Page page;
    page.after = range_.after;
    for (unsigned windows = 0; windows < windows_a_page && !filling.last && !at_end_; ++windows) {
        const Range window = open_window(stop);
        fill(filling, window, stop);
    }
    if (filling.block->rows() > 0) {
        bytes_a_row_ = static_cast<double>(filling.block->size_in_bytes()) / static_cast<double>(filling.block->rows());
        page.items = Items{std::move(filling.block)};
    }
    page.count = filling.count;
    page.is_reckoned = filling.is_reckoned;
    page.upto = range_.after;
    page.at_end = at_end_;
    return page;
}

bool PageReader::knows_next() const { return side_by_side_ && side_by_side_->reckons_next(range_); }

void PageReader::shorten(const Key& upto) {
    range_.upto = upto;
    window_.clear();
    if (range_.after == range_.upto) at_end_ = true;
}

bool PageReader::needs_windows() const {
    return !selection_->filter.empty() && (rows_ == 0 || rows_ > selection_->max_examined);
}

Range PageReader::open_window(const std::stop_token& stop) {
    if (!needs_windows()) return range_;
    if (window_.empty()) {
        const Boundary end = find_boundary(session_, *selection_, range_, selection_->max_examined, Filtered::no,
                                           Tail::not_counted, stop);
        window_ = end.key ? *end.key : range_.upto;
    }
    return {range_.after, window_, range_.descending};
}

void PageReader::fill(Filling& filling, const Range& window, const std::stop_token& stop) {
    if (!reckon(filling, window)) {
        if (selection_->stretches_only) {
            fill_stretch(filling, window, stop);
        } else {
            fill_rows(filling, window, stop);
        }
        if (filling.last && side_by_side_) side_by_side_->found(window.after, *filling.last, filling.count);
    }
    if (filling.last) {
        range_.after = *filling.last;
        at_end_ = range_.after == range_.upto;
        return;
    }
    at_end_ = window.upto == range_.upto;
    if (!window.upto.empty()) {
        range_.after = window.upto;
    } else if (filling.block->rows() > 0) {
        range_.after = last_key(*filling.block);
    } else if (filling.count > 0) {
        range_.after = first_key(session_, *selection_, {{}, {}, !range_.descending}).value_or(range_.after);
    }
    window_.clear();
}

bool PageReader::reckon(Filling& filling, const Range& window) {
    auto reckoned = side_by_side_ ? side_by_side_->next(window, filling.wanted) : std::nullopt;
    if (!reckoned) return false;
    if (!selection_->stretches_only) side_by_side_->append_keys(*filling.block, window.after, reckoned->most);
    filling.last = std::move(reckoned->boundary);
    filling.count = reckoned->most;
    filling.is_reckoned = true;
    return true;
}

/// How many more rows fit, going by the size of those before. Zero only for a page that holds some.
std::size_t PageReader::rows_to_ask(const Filling& filling) const {
    const std::size_t room = filling.wanted - filling.block->rows();
    const std::uint64_t used = filling.block->size_in_bytes();
    if (used >= selection_->page_bytes) return 0;
    if (bytes_a_row_ <= 0) return room;
    const double fitting = static_cast<double>(selection_->page_bytes - used) / bytes_a_row_;
    return fitting >= static_cast<double>(room) ? room : static_cast<std::size_t>(fitting) + 1;
}

void PageReader::fill_rows(Filling& filling, const Range& window, const std::stop_token& stop) {
    Block& block = *filling.block;
    const std::string columns = selection_->columns();
    for (const Seek& seek : seeks(selection_->key, window, quote_for(session_))) {
        throw_if_stopped(stop);
        const std::size_t asked = rows_to_ask(filling);
        std::size_t received = 0, dropped = 0;
        if (asked > 0) {
            session_.stream(select(*selection_, columns, seek.condition, Filtered::yes) + " ORDER BY " +
                                order_by(selection_->key, range_.descending, seek.fixed) + " LIMIT " +
                                std::to_string(asked),
                            [&, limit = selection_->page_bytes](const db::RowView& row) {
                                ++received;
                                // What no longer fits is read again by the next page: the answer must be taken whole
                                // either way.
                                if (dropped > 0 || (block.size_in_bytes() >= limit && block.rows() > 0)) {
                                    ++dropped;
                                } else {
                                    append_row(block, row);
                                }
                            });
        }
        filling.count = block.rows();
        if (received == asked || dropped > 0) {
            filling.last = last_key(block);
            return;
        }
    }
}

void PageReader::fill_stretch(Filling& filling, const Range& window, const std::stop_token& stop) {
    const Boundary boundary = find_boundary(session_, *selection_, window, filling.wanted - filling.count,
                                            Filtered::yes, Tail::counted, stop);
    if (boundary.key) {
        filling.last = boundary.key;
        filling.count = filling.wanted;
    } else {
        filling.count += boundary.counted;
    }
}

Items read_items(db::Session& session, const Selection& selection, const Range& range) {
    auto block = std::make_shared<Block>(selection.shape);
    for (const Seek& seek : seeks(selection.key, range, quote_for(session))) {
        session.stream(select(selection, selection.columns(), seek.condition, Filtered::yes) + " ORDER BY " +
                           order_by(selection.key, range.descending, seek.fixed),
                       [&](const db::RowView& row) { append_row(*block, row); });
    }
    return Items{std::move(block)};
}

std::uint64_t count_items(db::Session& session, const Selection& selection, const Range& range) {
    std::uint64_t count = 0;
    for (const Seek& seek : seeks(selection.key, range, quote_for(session)))
        count += count_rows(session, selection, seek, Filtered::yes);
    return count;
}

Items read_by_keys(db::Session& session, const Selection& selection, const std::vector<Key>& keys) {
    const auto key_shape = std::make_shared<Shape>();
    for (const ColumnDescription& column : selection.key.columns)
        key_shape->columns.push_back({column.name, column.type});
    key_shape->key_columns = key_shape->columns.size();
    auto asked = std::make_shared<Block>(key_shape);
    for (const Key& key : keys)
        for (const Value& part : key) asked->append(part.text());
    const std::string condition = batch_condition(selection.key, Items{std::move(asked)}, quote_for(session));
    std::map<std::string, std::vector<std::optional<std::string>>> found;
    session.stream(select(selection, selection.columns(), condition, Filtered::yes), [&](const db::RowView& row) {
        Key key;
        std::vector<std::optional<std::string>> cells;
        for (std::size_t i = 0; i < row.size(); ++i) {
            if (i < selection.key.columns.size()) key.emplace_back(selection.key.columns[i].type, std::string{row[i]});
            cells.push_back(row.is_null(i) ? std::nullopt : std::optional{std::string{row[i]}});
        }
        found.insert_or_assign(encode_key(key), std::move(cells));
    });
    auto block = std::make_shared<Block>(selection.shape);
    for (const Key& key : keys) {
        const auto row = found.find(encode_key(key));
        if (row == found.end()) continue;
        for (const auto& cell : row->second) cell ? block->append(*cell) : block->append_null();
    }
    return Items{std::move(block)};
}

}  // namespace rowmill::table
