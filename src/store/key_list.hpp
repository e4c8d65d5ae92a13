#pragma once

#include <rowmill/value.hpp>

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::store {

/// Keys as they are stored in one blob: parts of `length:key,` (length in bytes, the key as encode_key writes it).
std::string encode_keys(std::span<const Key> keys);
/// Throws Error{refused} for a blob that encode_keys did not write.
std::vector<Key> decode_keys(std::string_view stored);

}  // namespace rowmill::store
