#pragma once

namespace rowmill::http {

/// How many connections this process may hold beside its other files, at most `wanted`. Raises the process's own limit
/// on open files where it is too low for that and the system allows it.
unsigned room_for_connections(unsigned wanted);

}  // namespace rowmill::http
