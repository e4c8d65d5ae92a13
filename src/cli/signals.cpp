#include "cli/signals.hpp"

#include <signal.h>
#include <time.h>
#include <unistd.h>

#include <chrono>

namespace rowmill::cli {
namespace {

constexpr int stopped_exit_code = 4;
/// How long the second signal leaves for sessions to be interrupted, and for commands to end: longer than the five seconds after which
/// those that don't are killed. Nothing of what is in flight was recorded, so leaving without them loses nothing.
constexpr std::chrono::seconds patience{8};

sigset_t wanted() {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGINT);
    sigaddset(&set, SIGTERM);
    return set;
}

const char* name_of(int signal) {
    return signal == SIGINT ? "SIGINT" : "SIGTERM";
}

void listen(engine::Stopping& stopping, const std::stop_token& done) {
    const sigset_t set = wanted();
    const timespec tick{0, 100'000'000};
    std::chrono::steady_clock::time_point leave_at = std::chrono::steady_clock::time_point::max();
    int received = 0;
    std::jthread dropper;
    while (!done.stop_requested()) {
        if (std::chrono::steady_clock::now() >= leave_at) ::_exit(stopped_exit_code);
        const int signal = ::sigtimedwait(&set, nullptr, &tick);
        if (done.stop_requested()) return;
        if (signal <= 0) continue;
        if (++received == 1) {
            stopping.drain(std::string{"stopped by "} + name_of(signal));
            continue;
        }
        leave_at = std::min(leave_at, std::chrono::steady_clock::now() + patience);
        // Interrupting the sessions takes a connection to the server, and this thread must stay able to leave.
        if (received == 2) dropper = std::jthread{[&stopping] { stopping.drop("told twice to stop"); }};
    }
}

}  // namespace

Signals::Signals(engine::Stopping& stopping) {
    const sigset_t set = wanted();
    ::pthread_sigmask(SIG_BLOCK, &set, nullptr);
    ::signal(SIGPIPE, SIG_IGN);
    thread_ = std::jthread{[&stopping](const std::stop_token& done) { listen(stopping, done); }};
}

Signals::~Signals() {
    thread_.request_stop();
    ::pthread_kill(thread_.native_handle(), SIGTERM);  // wakes it; at this thread alone
    thread_.join();
    const sigset_t set = wanted();
    ::pthread_sigmask(SIG_UNBLOCK, &set, nullptr);
}

}  // namespace rowmill::cli
