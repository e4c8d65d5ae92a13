#pragma once

#include <rowmill/error.hpp>

namespace rowmill {

/// The connection is gone, or leads to a server that does not take our work: on another one the same step is worth a try.
inline bool is_lost_connection(ErrorKind kind) {
    return kind == ErrorKind::disconnected || kind == ErrorKind::overloaded || kind == ErrorKind::failover;
}

/// It passes by itself: on the same connection the same step is worth another try.
inline bool may_pass(ErrorKind kind) {
    return kind == ErrorKind::replay || kind == ErrorKind::interrupted || kind == ErrorKind::disk_full;
}

}  // namespace rowmill
