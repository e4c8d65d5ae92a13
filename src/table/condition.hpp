#pragma once

#include "table/description.hpp"

#include <rowmill/item.hpp>

#include <functional>
#include <string>
#include <vector>

namespace rowmill::table {

/// Writes a literal of a value, for one session.
using Quote = std::function<std::string(ValueView)>;

/// The half-open stretch (after, upto] in reading order; an empty key is no bound. With
/// `descending` it runs from large keys to small ones: after > key >= upto.
struct Range {
    Key after;
    Key upto;
    bool descending = false;
};

/// Seeks: conditions whose stretches lie one after another in reading order, together exactly the range,
/// each a plain index range (equalities on leading columns, then one interval). A condition may be empty (no
/// bounds at all). Exact whatever the collation thinks of keys whose bytes differ.
std::vector<std::string> seeks(const KeySpec& key, const Range& range, const Quote& quote);

/// One condition, in parentheses, that is exactly the range and that both servers' optimizers read as index ranges.
std::string range_condition(const KeySpec& key, const Range& range, const Quote& quote);

/// One condition, in parentheses, that selects exactly these keys: `IN (…)` for one column, a join-free form that
/// seeks for several.
std::string batch_condition(const KeySpec& key, const Items& items, const Quote& quote);

/// `key` ascending or descending, for ORDER BY.
std::string order_by(const KeySpec& key, bool descending);

}  // namespace rowmill::table
