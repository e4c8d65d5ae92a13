#include "engine/failpoint.hpp"

#include <rowmill/error.hpp>

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <iterator>
#include <string>

namespace rowmill::engine {
namespace {

struct Armed {
    std::string name;
    std::atomic<long> passes_left{1};

    Armed() {
        const char* text = std::getenv("ROWMILL_FAILPOINT");
        if (text == nullptr || *text == '\0') return;
        name = text;
        if (const std::size_t colon = name.find(':'); colon != std::string::npos) {
            passes_left = std::max(1L, std::strtol(name.c_str() + colon + 1, nullptr, 10));
            name.resize(colon);
        }
        if (!is_failpoint(name)) throw Error{ErrorKind::usage, "ROWMILL_FAILPOINT names no failpoint: " + name};
    }
};

}  // namespace

const std::vector<std::string_view>& failpoint_names() {
    static const std::vector<std::string_view> names{std::begin(failpoints), std::end(failpoints)};
    return names;
}

void failpoint(FailpointName point) {
    static Armed armed;
    if (armed.name.empty() || armed.name != point.name) return;
    if (armed.passes_left.fetch_sub(1) == 1) ::kill(::getpid(), SIGKILL);
}

}  // namespace rowmill::engine
