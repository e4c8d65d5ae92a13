#pragma once

#include "db/session.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::store {

/// The number that a cell holds. Throws Error{internal} where it holds none.
std::uint64_t number_in(std::string_view cell);

/// Reads one row of a result from left to right, as its statement lists the columns. Throws Error{internal} where a
/// cell is not what it should be.
class Cells {
public:
    Cells(const db::ResultSet& result, std::size_t row) : result_{result}, row_{row} {}

    /// Empty for NULL.
    const std::string& text() { return result_.text(row_, column_++); }
    std::uint64_t number();
    double real();
    bool flag() { return number() != 0; }
    /// Throws Error{refused} for a key that can't be read.
    Key key() { return decode_key(text()); }
    bool is_null() const { return !result_.rows[row_][column_].has_value(); }
    void skip() { ++column_; }

private:
    const db::ResultSet& result_;
    std::size_t row_;
    std::size_t column_ = 0;
};

/// What `read` makes of each row, in their order.
template <typename Read>
auto records(const db::ResultSet& result, Read read) {
    std::vector<decltype(read(Cells{result, 0}))> all;
    for (std::size_t row = 0; row < result.rows.size(); ++row) all.push_back(read(Cells{result, row}));
    return all;
}

}  // namespace rowmill::store
