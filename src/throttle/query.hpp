#pragma once

#include "db/connector.hpp"
#include "throttle/throttle.hpp"

#include <memory>
#include <string>

namespace rowmill::throttle {

/// Waits while a SELECT of one number gives more than 0, or NULL. It can't write: its transactions are read-only.
std::unique_ptr<Throttle> query(std::string sql, const db::Connector& server);

}  // namespace rowmill::throttle
