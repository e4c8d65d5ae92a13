#pragma once

#include "process/child.hpp"

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace rowmill::process {

/// What names a child for as long as its launcher lives.
using ChildId = std::uint64_t;

struct LauncherOptions {
    /// What the supervisor is made from: a program whose main() calls supervise_if_asked.
    std::string supervisor = "/proc/self/exe";
    /// At the end: how long children may take to leave once their stdin is closed, and then, once asked by TERM.
    std::chrono::milliseconds leave{5000}, grace{5000};
};

/// Starts child processes and talks to them: one thread of its own, which calls the listeners, and a supervisor, which
/// is started with the first child and leaves none behind whatever this process dies of. Where the supervisor dies, the
/// children are killed and told as `lost`, and the next child has a new one.
///
/// All functions may be called from any thread, and only note what is wanted: nothing is told from inside of a call.
class Launcher {
public:
    explicit Launcher(LauncherOptions options = {});
    /// Closes the stdin of what still runs, then ends it, and waits until nothing is left. Not to be called on the
    /// launcher's own thread.
    ~Launcher();
    Launcher(const Launcher&) = delete;
    Launcher& operator=(const Launcher&) = delete;

    /// Runs `work` on the launcher's thread; not any more once the launcher is being destroyed. It must not throw.
    void post(std::function<void()> work);
    void post_after(std::chrono::milliseconds delay, std::function<void()> work);

    ChildId start(Command command, Listener listener);
    /// TERM to the child's process group, KILL after `grace`. Nothing where it has ended.
    void stop(ChildId child, std::chrono::milliseconds grace);
    /// Appends to what is written to the child's stdin.
    void write(ChildId child, std::string bytes);
    /// Closes the child's stdin when all is written.
    void finish_input(ChildId child);

private:
    struct Core;
    std::unique_ptr<Core> core_;
};

}  // namespace rowmill::process
