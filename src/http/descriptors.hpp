#pragma once

#include <cstdint>

namespace rowmill::http {

/// Raises this process's own limit of open descriptors where it is below `needed`, as far as that is allowed, and
/// returns what it is then.
std::uint64_t allow_descriptors(std::uint64_t needed);

/// How many connections this process may hold beside its other files, at most `wanted`. Raises the process's own limit
/// on open files where it is too low for that and the system allows it.
unsigned room_for_connections(unsigned wanted);

}  // namespace rowmill::http
