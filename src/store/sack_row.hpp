#pragma once

#include "store/store.hpp"

namespace rowmill::store {

/// A row of the statements that select `sack_columns`.
SackRecord read_sack(const db::ResultSet& result, std::size_t row);

}  // namespace rowmill::store
