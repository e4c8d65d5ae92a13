#pragma once

#include "db/connector.hpp"
#include "job/job.hpp"
#include "throttle/throttle.hpp"

#include <memory>

namespace rowmill::throttle {

/// Waits while a replica of the server is further behind than `max_lag`, does not replicate, or can't be asked. The replicas are
/// those that the job lists, or those that the server knows of, which is asked again now and then; one that was found is waited for
/// from then on. The first look throws Error{usage} where there is none. The lag is what the replica says, or by the table that
/// pt-heartbeat --utc writes.
std::unique_ptr<Throttle> lag(const job::ThrottleSpec& spec, const db::Connector& server);

}  // namespace rowmill::throttle
