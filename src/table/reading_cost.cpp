#include "table/reading_cost.hpp"

namespace rowmill::table {
namespace {

constexpr std::size_t page_rows = 1000;
constexpr std::size_t rows_to_judge_by = 500;
constexpr std::uint64_t entries_a_row = 5;
/// Reading the status counts too.
constexpr std::uint64_t entries_of_status = 200;

std::uint64_t entries_read(db::Session& session) {
    const db::ResultSet result = session.query("SHOW SESSION STATUS LIKE 'Handler_read%'");
    std::uint64_t entries = 0;
    for (std::size_t row = 0; row < result.rows.size(); ++row) {
        entries += Value{ValueType::unsigned_integer, result.text(row, 1)}.view().as_unsigned();
    }
    return entries;
}

}  // namespace

void check_reading_cost(db::Session& session, const Selection& selection, const Range& range) {
    auto unfiltered = std::make_shared<Selection>(selection);
    unfiltered->filter.clear();
    unfiltered->stretches_only = false;
    const std::uint64_t before = entries_read(session);
    PageReader reader{session, unfiltered, range};
    const std::uint64_t rows = reader.next(page_rows, {}).count;
    const std::uint64_t entries = entries_read(session) - before;
    // Each partition is asked for its first row by each of a page's queries.
    const std::uint64_t of_partitions = selection.table.partitions.size() * selection.key.columns.size() * 4;
    const std::uint64_t most = entries_a_row * rows + of_partitions + entries_of_status;
    if (rows < rows_to_judge_by || entries <= most) return;
    throw Error{ErrorKind::refused,
                "the server looked at " + std::to_string(entries) + " index entries of " + selection.table.quoted() +
                    " to read " + std::to_string(rows) + " rows by index " + selection.key.index +
                    ": it does not read pages as ranges of this index. Choose another key_index, or "
                    "pass --allow-full-scan"};
}

}  // namespace rowmill::table
