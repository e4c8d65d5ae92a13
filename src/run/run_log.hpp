#pragma once

#include "engine/clock.hpp"
#include "progress/hub.hpp"
#include "store/store.hpp"

#include <deque>
#include <functional>
#include <mutex>
#include <string>

namespace rowmill::run {

/// What a worker notes of a run, on its way to the store: kept until it is written, the last 200 lines at most. Thread-safe; whoever
/// notes waits for no server.
class RunLog : public progress::Listener {
public:
    static constexpr std::size_t most_lines = 200;

    explicit RunLog(std::function<engine::TimePoint()> now = std::chrono::steady_clock::now) : now_{std::move(now)} {}

    void progress(const progress::Snapshot& /*now*/) override {}
    void note(const std::string& line) override { add(line, false); }
    void warning(const std::string& line) override { add(line, true); }
    /// Nothing: the last line is noted before it is written, and listeners hear of the end when all is.
    void finished(const progress::Summary& /*summary*/) override {}

    /// All that was noted is written.
    bool is_empty() const;
    /// Writes what has come since the last time, under this process's name. Throws what the store throws, and has it all still then.
    /// One thread at a time.
    void write(store::Store& store, store::RunId run);

private:
    struct Line {
        engine::TimePoint noted;
        bool is_warning = false;
        std::string text;
    };

    void add(const std::string& text, bool is_warning);
    void put_back(std::deque<Line> lines);

    const std::function<engine::TimePoint()> now_;
    mutable std::mutex mutex_;
    std::deque<Line> lines_;
};

}  // namespace rowmill::run
