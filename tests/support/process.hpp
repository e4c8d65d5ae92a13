#pragma once

#include "support/descriptor.hpp"

#include <sys/types.h>

#include <chrono>
#include <condition_variable>
#include <csignal>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

namespace rowmill::test {

struct ProcessOptions {
    std::map<std::string, std::string> environment;  ///< beside, or instead of, our own; "" takes one away
    std::string input;                               ///< its stdin, at most 60,000 bytes; empty: /dev/null
    std::string folder;                              ///< where it runs; empty: here
};

/// How a process ended, and all that it wrote.
struct Finished {
    std::optional<int> exit_code;  ///< none where a signal ended it
    std::optional<int> signal;     ///< e.g. SIGKILL
    std::string output;            ///< stdout
    std::string errors;            ///< stderr

    bool succeeded() const { return exit_code == 0; }
    /// "exit 2", "signal 9"
    std::string how() const;
};

/// A running child program. Killed and reaped by the destructor where it still runs.
/// The members may be called from one thread at a time; reading its output goes on in the background.
class Process {
public:
    /// `command[0]` is looked up in PATH. Throws std::system_error where it can't be started.
    explicit Process(const std::vector<std::string>& command, const ProcessOptions& options = {});
    ~Process();
    Process(const Process&) = delete;
    Process& operator=(const Process&) = delete;

    pid_t pid() const { return pid_; }
    /// Does nothing where the process has ended.
    void send_signal(int number);
    void kill() { send_signal(SIGKILL); }

    /// What it has written so far.
    std::string output() const;
    std::string errors() const;
    /// Waits until its stdout or its stderr holds the text. False where it closed both without, or at the limit.
    bool wait_for_output(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds{30});

    /// Waits for its end. At the limit it is killed, and std::runtime_error is thrown with what it wrote.
    Finished wait(std::chrono::milliseconds limit = std::chrono::seconds{120});

private:
    void read_streams();
    bool read_some(int descriptor, std::string& text);
    void reap();

    pid_t pid_ = -1;
    Descriptor alive_;  ///< a pidfd, readable when the process has ended
    Descriptor output_pipe_, errors_pipe_;
    Descriptor stop_;  ///< an eventfd that ends the reader: a grandchild may hold the pipes open
    mutable std::mutex mutex_;
    std::condition_variable written_;
    std::string output_, errors_;
    bool streams_ended_ = false;
    std::optional<int> status_;
    std::jthread reader_;
};

/// Stops a process, and waits until each of its threads stands still: for a moment after the signal they may go on. SIGCONT wakes it.
/// One that has ended is left alone.
void suspend(pid_t pid);

/// Starts the program and waits for its end.
Finished run_process(const std::vector<std::string>& command, const ProcessOptions& options = {},
                     std::chrono::milliseconds limit = std::chrono::seconds{120});

/// The path of the rowmill program that was built with this test.
std::string rowmill_binary();
/// `rowmill ARGUMENTS…`, to be started with Process.
std::vector<std::string> rowmill_command(const std::vector<std::string>& arguments);
/// Runs it to its end. The user's own option files and ROWMILL_DSN are kept away from it.
Finished run_rowmill(const std::vector<std::string>& arguments, const ProcessOptions& options = {},
                     std::chrono::milliseconds limit = std::chrono::seconds{120});

}  // namespace rowmill::test
