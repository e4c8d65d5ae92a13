#pragma once

#include "progress/snapshot.hpp"
#include "store/records.hpp"

#include <chrono>
#include <optional>
#include <set>
#include <span>
#include <string>

namespace rowmill::run {

/// Whether all has been told of a run that others work on, by what is seen of it look by look: a process leaves a run before it notes how
/// that ended. A pure decision; one thread at a time.
class LastWords {
public:
    using TimePoint = std::chrono::steady_clock::time_point;

    /// One look: the run and its live workers (`now`), whether it has ended and nobody works on it, and the lines that were noted since the
    /// look before. True: it is over, and those who worked on it until then have noted their last, or have had ten seconds for it.
    bool look(bool is_over, const progress::Snapshot& now, std::span<const store::NoteRecord> notes, TimePoint at);

private:
    std::set<std::string> working_;  ///< host:pid of those whose last note is still to come
    std::optional<TimePoint> over_since_;
};

}  // namespace rowmill::run
