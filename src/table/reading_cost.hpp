#pragma once

#include "table/pages.hpp"

namespace rowmill::table {

/// Reads one page of the range without the filter and throws Error{refused} where the server looked at more than about
/// five index entries for each row of it: an EXPLAIN that promises a range may still read a whole prefix. Pages of
/// fewer than some hundred rows prove nothing and pass.
///
/// Once, before a run, is enough: all of its pages are read by these same few queries, which name the index, so that
/// from one page to the next only literals change. What makes a server read more than the range (a comparison that does
/// not fit the column's type or collation, a form that its optimizer does not see through) lies in the query and not in
/// the literals. Asking for the counters beside the pages would cost a query for each, for a session's are those of all
/// it does.
void check_reading_cost(db::Session& session, const Selection& selection, const Range& range);

}  // namespace rowmill::table
