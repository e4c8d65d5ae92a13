#pragma once

#include "table/pages.hpp"

namespace rowmill::table {

/// Reads one page of the range without the filter and throws Error{refused} where the server looked at more than about
/// five index entries for each row of it: an EXPLAIN that promises a range may still read a whole prefix. Pages of
/// fewer than some hundred rows prove nothing and pass.
void check_reading_cost(db::Session& session, const Selection& selection, const Range& range);

}  // namespace rowmill::table
