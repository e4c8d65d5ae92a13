#pragma once

#include <rowmill/item.hpp>
#include <rowmill/outcome.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace rowmill::action {

/// What a coprocess is told of a row, in one line:
///
///     {"id":7,"attempt":1,"token":"…","item":{"id":42,"title":"Emma","price":"9.95","note":null}}
///
/// Integers are JSON numbers, NULL is null, and everything else is a string as the server wrote it: decimals too, which
/// a JSON number would round. Binary columns that are not UTF-8 are base64 (RFC 4648); a column that may hold either is
/// better selected as HEX. `id` is of the request, not of the row: it counts from 1 for each coprocess. Pure.
std::string request_line(std::uint64_t id, unsigned attempt, std::string_view token, const Item& item);

/// What a coprocess says of a row, in one line, in whatever order:
///
///     {"id":7,"outcome":"success"}                    or "skip", "retry", "failure" with "reason"
///     {"id":7,"outcome":"retry","reason":"busy","delay_ms":30000}
///     {"id":7,"outcome":"failure","reason":"no such file","class":"missing"}
///
/// With `delay_ms` (0 to 30 days) a retry comes not before, and uses up no attempt. `class` is a short name to group
/// failures and retries by; "failure" and "retry" where it is left out. Other members are passed over.
struct NdjsonAnswer {
    std::uint64_t id = 0;
    Outcome outcome;
};

/// The answer, or what is wrong with the line. Pure.
std::variant<NdjsonAnswer, std::string> parse_answer(std::string_view line);

}  // namespace rowmill::action
