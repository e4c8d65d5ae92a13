#pragma once

#include "engine/batch.hpp"
#include "table/condition.hpp"

#include <rowmill/error.hpp>

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>

namespace rowmill::run {

/// What is left to read of a sack, between its reader and whoever splits it: while one of the two is at it, the other
/// waits, so that a sack is cut above everything that was read, and nothing is read while that is decided. Thread-safe.
class Stretch {
public:
    /// `rows`: how many rows of the table it holds; 0: not known. `page`: how many are read at once, as long as nothing was.
    Stretch(table::Range range, std::uint64_t rows, std::uint64_t page)
        : range_{std::move(range)}, rows_{rows}, page_{page} {}

    /// Reads a page of what is left: `read` is called with it while nobody splits. Throws Error{stopped} once stop is
    /// requested, and the error of a split of which is not known whether it stands: the sack's end is not known then.
    engine::Page read(std::size_t wanted, const std::stop_token& stop,
                      const std::function<engine::Page(const table::Range&)>& read);

    struct Left {
        table::Range range;
        std::uint64_t rows_read = 0;
        std::uint64_t page = 1;  ///< how many are read at once
    };
    /// Calls `split` with what is left while nothing is read; it returns the new end, which is stored by then, or none.
    /// An error that it throws says that this is in doubt. False, without a call, where all is read, or where the
    /// reader was in the middle of a page for so long.
    bool hold(std::chrono::milliseconds patience, const std::function<std::optional<Key>(const Left&)>& split);

    /// How many rows are left, as far as that is known; 0 once all is read.
    std::optional<std::uint64_t> rows_left() const;
    /// How long reading them will take about, as fast as it has gone so far; absent where that is not known.
    std::optional<std::chrono::milliseconds> time_left() const;
    /// So many were counted just now.
    void counted(std::uint64_t rows_left);

private:
    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    table::Range range_;
    std::uint64_t rows_;  ///< rows_read_ and those left; 0: not known
    std::uint64_t rows_read_ = 0;
    std::optional<std::chrono::steady_clock::time_point> began_;  ///< to read
    std::uint64_t page_;
    unsigned splitters_ = 0;  ///< that wait for their turn, or have it
    bool is_reading_ = false, is_split_ = false, at_end_ = false;
    std::optional<Error> doubt_;
};

}  // namespace rowmill::run
