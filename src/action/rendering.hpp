#pragma once

#include "action/sql.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace rowmill::action {

/// A row's statement for one session: everything written but the row's values.
struct RowTemplate {
    std::vector<std::string> texts;    ///< one more than there are columns
    std::vector<std::size_t> columns;  ///< whose value stands between two texts, by position in the shape

    std::string for_row(const Item& item, const table::Quote& quote) const;
    /// With `?` for the row's values, for array binding.
    std::string for_binding() const;
};

/// Writes the statements of a plan for one session: constants are quoted by type, and nothing that a value says can
/// become SQL. Both arguments must outlive it.
class Rendering {
public:
    Rendering(const SqlPlan& plan, const table::Quote& quote) : plan_{plan}, quote_{quote} {}

    RowTemplate for_rows(std::size_t statement) const;
    /// The items are those to work on: after the lock, the locked ones. Throws Error{too_large} for more than 10,000:
    /// beyond, servers read the whole index.
    std::string for_batch(std::size_t statement, const Items& items) const;
    std::string for_stretch(std::size_t statement, const table::Range& range) const;
    /// Selects the key columns of the batch's rows that still match the filter, and locks them.
    std::string lock(const Items& items) const;

private:
    std::string constant(std::string_view name) const;
    std::string filter() const;
    std::string batch_placeholder(std::size_t statement, std::string_view name, const Items& items) const;
    std::string bound(const Items& items, bool low) const;
    std::string keys(const Items& items) const;
    std::string condition(const Items& items) const;

    const SqlPlan& plan_;
    const table::Quote& quote_;
};

}  // namespace rowmill::action
