#include "http/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace rowmill::http {

std::uint64_t allow_descriptors(std::uint64_t needed) {
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return needed;
    if (limit.rlim_cur < needed) {
        rlimit raised = limit;
        raised.rlim_cur = std::min<rlim_t>(needed, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    return limit.rlim_cur;
}

unsigned room_for_connections(unsigned wanted) {
    constexpr std::uint64_t others = 256;  // sessions with the server, logs, the threads' own
    const std::uint64_t allowed = allow_descriptors(wanted + others);
    const std::uint64_t room = allowed > others ? allowed - others : 1;
    return static_cast<unsigned>(std::min<std::uint64_t>(room, wanted));
}

}  // namespace rowmill::http
