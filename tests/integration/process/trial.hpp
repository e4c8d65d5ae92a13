#pragma once

#include "process/launcher.hpp"
#include "support/marked.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::test {

/// What was heard of a child. To be read once its end has come.
struct Heard {
    std::string output, errors;
    std::size_t bytes = 0;  ///< written to stdout, kept or not
    process::Ending ending;
};

/// A child that was started. Its processes bear the mark of the trial.
class Started {
public:
    process::ChildId id = 0;
    /// Waits for its end; throws std::runtime_error after a minute.
    Heard wait();
    /// Waits until the text stands in its output.
    bool wait_for_output(const std::string& text);
    std::string output() const;
    /// Waits until nothing reads its stdin any more; how much of it was read.
    std::uint64_t wait_for_closed_input();

private:
    friend class Trial;
    struct State;
    std::shared_ptr<State> state_;
};

/// A launcher whose children's output is kept, up to a megabyte.
class Trial {
public:
    explicit Trial(process::LauncherOptions options = {}) : launcher{std::in_place, std::move(options)} {}

    Started start(std::vector<std::string> command, bool input = false, std::string folder = {});
    Started start_script(const std::string& script, bool input = false) {
        return start({"/bin/sh", "-c", script}, input);
    }
    Heard run(std::vector<std::string> command) { return start(std::move(command)).wait(); }
    Heard run_script(const std::string& script) { return start_script(script).wait(); }

    Mark mark;
    std::optional<process::Launcher> launcher;
};

}  // namespace rowmill::test
