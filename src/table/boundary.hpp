#pragma once

#include "table/pages.hpp"

#include <optional>
#include <stop_token>
#include <string>
#include <string_view>

namespace rowmill::table {

enum class Filtered : std::uint8_t { no, yes };

/// The key's columns, quoted, for a SELECT list.
std::string key_list(const KeySpec& key);
/// `what` of the rows that one seek finds: SELECT … FROM … WHERE seek AND (filter), without ORDER BY.
std::string select(const Selection& selection, std::string_view what, const std::string& seek, Filtered filtered);

/// How many rows one seek finds.
std::uint64_t count_rows(db::Session& session, const Selection& selection, const Seek& seek, Filtered filtered);

/// The first key of a query's result, its cells typed as the key's columns; absent where it is empty.
std::optional<Key> query_key(db::Session& session, const Selection& selection, const std::string& statement);

/// The key of the first row of the range in reading order; absent where there is none.
std::optional<Key> first_key(db::Session& session, const Selection& selection, const Range& range);

/// Where the `rows`-th row of a range is, by the index alone.
struct Boundary {
    std::optional<Key> key;     ///< absent where the range holds fewer rows
    std::uint64_t counted = 0;  ///< then: how many it holds, if asked for
};
enum class Tail : std::uint8_t { counted, not_counted };
Boundary find_boundary(db::Session& session, const Selection& selection, const Range& range, std::uint64_t rows,
                       Filtered filtered, Tail tail, const std::stop_token& stop);

/// Throws Error{stopped} once stop is requested.
void throw_if_stopped(const std::stop_token& stop);

/// The session's way to write literals. The session must outlive it.
Quote quote_for(const db::Session& session);

}  // namespace rowmill::table
