#include "run/request.hpp"

namespace rowmill::run {

int exit_code_of(const Error& error, bool before_first_row) {
    if (dynamic_cast<const Busy*>(&error) != nullptr) return ExitCode::busy;
    switch (error.kind()) {
        case ErrorKind::unreachable:
        case ErrorKind::disconnected:
        case ErrorKind::overloaded: return ExitCode::unreachable;
        case ErrorKind::stopped: return ExitCode::stopped;
        case ErrorKind::usage:
        case ErrorKind::refused: return ExitCode::usage;
        case ErrorKind::internal: return ExitCode::failed;
        case ErrorKind::replay:
        case ErrorKind::too_large:
        case ErrorKind::interrupted:
        case ErrorKind::failover:
        case ErrorKind::row:
        case ErrorKind::fatal:
        case ErrorKind::disk_full:
        case ErrorKind::fenced:
        case ErrorKind::unsafe: return before_first_row ? ExitCode::usage : ExitCode::failed;
    }
    return ExitCode::failed;
}

}  // namespace rowmill::run
