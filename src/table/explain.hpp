#pragma once

#include "job/statement.hpp"
#include "table/sacks.hpp"

#include <string>
#include <vector>

namespace rowmill::table {

/// One line of an EXPLAIN, the columns that both servers share.
struct ExplainLine {
    std::string select_type, table, type, possible_keys, key, key_len, extra;
    std::uint64_t rows = 0;  ///< an estimate; 0 where the server says none
};

std::vector<ExplainLine> explain(db::Session& session, const std::string& statement);

/// The page query some way into the table, as it will be run, for `plan`. A page of a key of several columns takes
/// further queries; this is the first of them.
std::string sample_page_query(db::Session& session, const Selection& selection, const Bounds& bounds, std::size_t rows);

/// Throws Error{refused}, with what to add, where a page query would not read the key's index as a range by all the
/// key's columns that bound it (`key_len`), or would sort, or looks at far more index entries than a page has rows (one
/// page is read to see). `allow_full_scan` lets a scan pass. Mistakes in the filter are Error{usage}.
void check_page_plan(db::Session& session, const Selection& selection, const Bounds& bounds, bool allow_full_scan);

/// Throws Error{refused} where a statement of the action (`rendered` for a sample batch) would scan its whole
/// table, and Error{usage} that names `where` for one that the server does not take. Which statements can be explained,
/// the one that was `written` tells, whose literals are known to be read as the server reads them; others pass.
void check_statement_plan(db::Session& session, const Selection& selection, const job::Statement& written,
                          const std::string& rendered, const std::string& where, bool allow_full_scan);

}  // namespace rowmill::table
