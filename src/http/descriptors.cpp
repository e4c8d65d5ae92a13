#include "http/descriptors.hpp"

#include <sys/resource.h>

#include <algorithm>

namespace rowmill::http {

unsigned room_for_connections(unsigned wanted) {
    constexpr rlim_t others = 256;  // sessions with the server, logs, the threads' own
    rlimit limit{};
    if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return wanted;
    const rlim_t needed = wanted + others;
    if (limit.rlim_cur < needed) {
        rlimit raised = limit;
        raised.rlim_cur = std::min(needed, limit.rlim_max);
        if (::setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
    }
    const rlim_t room = limit.rlim_cur > others ? limit.rlim_cur - others : 1;
    return static_cast<unsigned>(std::min<rlim_t>(room, wanted));
}

}  // namespace rowmill::http
