#pragma once

#include <string_view>
#include <vector>

namespace rowmill::engine {

/// Every name there is, in the order in which a batch passes them.
inline constexpr std::string_view failpoints[]{
    "run-created",     "sacks-planned",      "sack-claimed", "page-read",     "after-begin",
    "after-statement", "before-record",      "after-record", "before-commit", "commit-sent",
    "after-commit",    "checkpoint-written", "sack-split",   "sack-done",     "before-close"};

constexpr bool is_failpoint(std::string_view name) {
    for (const std::string_view known : failpoints)
        if (known == name) return true;
    return false;
}

/// A name of the list; any other does not compile, so that the chaos tests, which enumerate the list, miss none.
struct FailpointName {
    consteval FailpointName(const char* text) : name{text} {  // NOLINT: to be written as a literal
        if (!is_failpoint(name)) throw "no such failpoint";
    }
    std::string_view name;
};

/// A place where pulling the plug must be boring. With ROWMILL_FAILPOINT=name or name:N in the
/// environment the process kills itself with SIGKILL when it passes `name` for the N-th time (the first);
/// otherwise it costs one comparison. Throws Error{usage} where the environment names another. Thread-safe.
void failpoint(FailpointName name);

/// The same names, for those who enumerate them.
const std::vector<std::string_view>& failpoint_names();

}  // namespace rowmill::engine
