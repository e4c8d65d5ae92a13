#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace rowmill::store {

/// Text from anywhere (a child's stderr, a server's message) as a utf8mb4 column takes it: bytes that are not UTF-8
/// become U+FFFD, and what is longer than `most` bytes is cut between characters and ends in "…".
std::string storable_text(std::string_view text, std::size_t most);
/// An error's sentence, at most 4 KB; and the short name of its class, as long as its column.
std::string storable_reason(std::string_view reason);
/// The same for what was read of a row: 16 KB.
std::string storable_item(std::string_view json);
std::string storable_class(std::string_view error_class);

}  // namespace rowmill::store
