#pragma once

#include "store/statements.hpp"

#include <string>
#include <vector>

namespace rowmill::store {

/// A numbered step of the store's schema, as built into this binary.
struct Migration {
    std::uint64_t version = 0;
    std::string name;                     ///< "0001-run-store"
    std::string checksum;                 ///< 16 hex digits, of the statements without comments and layout
    std::vector<std::string> statements;  ///< for one schema; each can be run again
};

/// In the order of their versions, for a quoted schema.
std::vector<Migration> read_migrations(const std::string& quoted_schema);

}  // namespace rowmill::store
