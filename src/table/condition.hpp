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

/// A condition that is one plain range of the index. It may be empty: no bounds at all.
struct Seek {
    std::string condition;
    std::size_t fixed = 0;  ///< so many leading columns of the key are held by equalities
};

/// Seeks: conditions whose stretches lie one after another in reading order, together exactly the range,
/// each a plain index range (equalities on leading columns, then one interval). Exact whatever the
/// collation thinks of keys whose bytes differ.
std::vector<Seek> seeks(const KeySpec& key, const Range& range, const Quote& quote);

/// One condition, in parentheses, that is exactly the range and that both servers' optimizers read as index ranges.
std::string range_condition(const KeySpec& key, const Range& range, const Quote& quote);

/// One condition, in parentheses, that selects exactly these keys: `IN (…)` for one column, a join-free form that
/// seeks for several.
std::string batch_condition(const KeySpec& key, const Items& items, const Quote& quote);

/// `key` ascending or descending, for ORDER BY. The `fixed` leading columns are left out: MariaDB sorted the rows of an
/// index range although a text column in front was held by an equality, where its collation was not the connection's.
std::string order_by(const KeySpec& key, bool descending, std::size_t fixed = 0);

}  // namespace rowmill::table
