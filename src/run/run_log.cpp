#include "run/run_log.hpp"

#include <iterator>
#include <utility>
#include <vector>

namespace rowmill::run {
namespace {

const std::string& name_of_this_process() {
    static const std::string name = [] {
        const store::WorkerIdentity self = store::this_process();
        return self.host + ":" + std::to_string(self.pid);
    }();
    return name;
}

}  // namespace

void RunLog::add(const std::string& text, bool is_warning) {
    const std::lock_guard lock{mutex_};
    lines_.push_back({now_(), is_warning, text});
    if (lines_.size() > most_lines) lines_.pop_front();
}

bool RunLog::is_empty() const {
    const std::lock_guard lock{mutex_};
    return lines_.empty();
}

void RunLog::write(store::Store& store, store::RunId run) {
    std::deque<Line> lines;
    {
        const std::lock_guard lock{mutex_};
        lines.swap(lines_);
    }
    if (lines.empty()) return;
    const engine::TimePoint now = now_();
    std::vector<store::NewNote> notes;
    for (const Line& line : lines)
        notes.push_back({line.is_warning, line.text, std::chrono::duration_cast<std::chrono::milliseconds>(now - line.noted)});
    try {
        store.add_notes(run, name_of_this_process(), notes);
    } catch (...) {
        put_back(std::move(lines));
        throw;
    }
}

void RunLog::put_back(std::deque<Line> lines) {
    const std::lock_guard lock{mutex_};
    lines_.insert(lines_.begin(), std::make_move_iterator(lines.begin()), std::make_move_iterator(lines.end()));
    while (lines_.size() > most_lines) lines_.pop_front();
}

}  // namespace rowmill::run
