#pragma once

#include <string_view>

namespace rowmill::job {

/// Whether a bare word, in capitals, may stand before a parenthesis without making the order or the number of
/// executions matter: an operator, or a function whose value depends on its arguments and on nothing else (the
/// statement's own time aside). UUID() is not among them: servers have been seen to compute it once for all rows of
/// a statement.
bool is_pure_word(std::string_view word);

}  // namespace rowmill::job
