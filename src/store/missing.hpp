#pragma once

#include <rowmill/error.hpp>

namespace rowmill::store {

/// Whether the server said that the store's table, or its whole schema, is not there.
inline bool is_missing(const Error& error) {
    constexpr int no_such_table = 1146;
    constexpr int no_such_schema = 1049;
    return error.server_code == no_such_table || error.server_code == no_such_schema;
}

}  // namespace rowmill::store
