#pragma once

#include "job/statement.hpp"
#include "table/pages.hpp"

#include <optional>

namespace rowmill::action {

/// What is known of a row's statement, so that it may be sent in fewer round trips with the same effect. Pure.
/// `source_schema` is the schema as the job wrote it: empty where the table is in the connection's database, absent
/// where the statement runs on another server, of whose tables nothing is known.

/// A single-table UPDATE or DELETE of the table itself whose only use of row values is the whole key, one `column =
/// :column` for each of its columns: the same statement for a batch, with `:batch`. Absent for any other.
std::optional<job::Statement> as_batch(const job::Statement& statement, const table::Selection& selection,
                                       std::optional<std::string_view> source_schema);

/// Whether the executions' counts can be summed: each changes exactly one row (an INSERT of values), or at most one (an
/// UPDATE or DELETE of the table itself by its whole key).
bool changes_one_row_each(const job::Statement& statement, const table::Selection& selection,
                          std::optional<std::string_view> source_schema);

/// Whether a batch's statement is an UPDATE or DELETE of the table itself that finds its rows by `:batch`, `:range`,
/// `key IN (:ids)` or `key BETWEEN :lo AND :hi`, and does nothing else with the batch: a key that no row has makes no difference
/// to it, as a stretch without rows does not.
bool finds_rows_by_key(const job::Statement& statement, const table::Selection& selection,
                       std::optional<std::string_view> source_schema);

}  // namespace rowmill::action
