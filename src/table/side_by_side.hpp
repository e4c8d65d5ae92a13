#pragma once

#include "table/pages.hpp"

#include <cstdint>
#include <optional>

namespace rowmill::table {

/// Keys that lie side by side, as those that the server has numbered do: so many keys on there can be no more than so many rows, so
/// that the boundary of a batch can be reckoned where it would else be looked for in the index. Learns from boundaries that were
/// found, and has some found again, ever fewer: a hole may begin anywhere and be any number of keys wide. What was learned in one
/// range holds for the next. Pure; not thread-safe.
class SideBySide {
public:
    /// Reckons only for one integer in ascending order, without a filter.
    explicit SideBySide(const Selection& selection);

    /// A boundary was found, so many rows after `after`.
    void found(const Key& after, const Key& boundary, std::uint64_t rows);

    struct Reckoned {
        Key boundary;
        std::uint64_t most = 0;  ///< no more rows than so many lie before it
    };
    /// The boundary `rows` keys on, or the end of the range. Absent where it is to be found.
    std::optional<Reckoned> next(const Range& range, std::uint64_t rows);
    bool reckons_next(const Range& range) const { return left_ > 0 && !range.after.empty() && !range.upto.empty(); }
    /// The `count` keys behind `after`, as rows of a block that has no other columns.
    void append_keys(Block& block, const Key& after, std::uint64_t count) const;

private:
    ValueType type_;
    bool possible_;
    std::uint64_t left_ = 0;  ///< to be reckoned before one is found again
    std::uint64_t last_ = 0;  ///< how many that were at first
};

}  // namespace rowmill::table
