#include "store/key_list.hpp"

#include <rowmill/error.hpp>

#include <charconv>
#include <cstddef>

namespace rowmill::store {

std::string encode_keys(std::span<const Key> keys) {
    std::string stored;
    for (const Key& key : keys) {
        const std::string encoded = encode_key(key);
        stored += std::to_string(encoded.size());
        stored += ':';
        stored += encoded;
        stored += ',';
    }
    return stored;
}

std::vector<Key> decode_keys(std::string_view stored) {
    std::vector<Key> keys;
    while (!stored.empty()) {
        std::size_t length = 0;
        const auto parsed = std::from_chars(stored.data(), stored.data() + stored.size(), length);
        const auto digits = static_cast<std::size_t>(parsed.ptr - stored.data());
        const bool readable = parsed.ec == std::errc{} && stored.substr(digits).starts_with(':') &&
                              length < stored.size() - digits - 1 && stored[digits + 1 + length] == ',';
        if (!readable) {
            throw Error{ErrorKind::refused,
                        "a checkpoint of the run store can't be read: its list of settled keys is damaged"};
        }
        keys.push_back(decode_key(stored.substr(digits + 1, length)));
        stored.remove_prefix(digits + length + 2);
    }
    return keys;
}

}  // namespace rowmill::store
