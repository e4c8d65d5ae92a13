#include "run/last_words.hpp"

#include "progress/render.hpp"

namespace rowmill::run {
namespace {

/// A process may be killed before it comes to it, or have been taken off the list while it could not reach the store.
constexpr std::chrono::seconds longest_wait{10};

}  // namespace

bool LastWords::look(bool is_over, const progress::Snapshot& now, std::span<const store::NoteRecord> notes, TimePoint at) {
    if (!is_over) {
        working_.clear();
        over_since_.reset();
        for (const progress::WorkerView& worker : now.workers) working_.insert(worker.host + ":" + std::to_string(worker.pid));
    }
    for (const store::NoteRecord& note : notes)
        if (progress::is_summary_line(note.line, now.run)) working_.erase(note.worker);
    if (!is_over) return false;
    if (!over_since_) over_since_ = at;
    return working_.empty() || at - *over_since_ >= longest_wait;
}

}  // namespace rowmill::run
