#include <rowmill/error.hpp>

namespace rowmill {

std::string_view name_of(ErrorKind kind) {
    switch (kind) {
        case ErrorKind::usage:
            return "usage";
        case ErrorKind::refused:
            return "refused";
        case ErrorKind::replay:
            return "replay";
        case ErrorKind::too_large:
            return "too large";
        case ErrorKind::interrupted:
            return "interrupted";
        case ErrorKind::disconnected:
            return "disconnected";
        case ErrorKind::overloaded:
            return "overloaded";
        case ErrorKind::failover:
            return "failover";
        case ErrorKind::row:
            return "row";
        case ErrorKind::fatal:
            return "fatal";
        case ErrorKind::disk_full:
            return "disk full";
        case ErrorKind::fenced:
            return "fenced";
        case ErrorKind::unsafe:
            return "unsafe";
        case ErrorKind::unreachable:
            return "unreachable";
        case ErrorKind::stopped:
            return "stopped";
        case ErrorKind::internal:
            return "internal";
    }
    return "unknown";
}

}  // namespace rowmill
