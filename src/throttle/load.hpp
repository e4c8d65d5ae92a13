#pragma once

#include "db/connector.hpp"
#include "job/job.hpp"
#include "throttle/throttle.hpp"

#include <memory>

namespace rowmill::throttle {

/// Waits while a status variable of the server is above its `max_load`; critical where one was above its `critical_load` at two
/// looks in a row. The first look checks the names.
std::unique_ptr<Throttle> load(const job::ThrottleSpec& spec, const db::Connector& server);

}  // namespace rowmill::throttle
