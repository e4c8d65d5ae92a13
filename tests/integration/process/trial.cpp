#include "integration/process/trial.hpp"

#include <condition_variable>
#include <mutex>
#include <stdexcept>

namespace rowmill::test {
namespace {

constexpr std::chrono::minutes limit{1};

}  // namespace

struct Started::State {
    std::mutex mutex;
    std::condition_variable changed;
    Heard heard;
    bool over = false;
    std::optional<std::uint64_t> taken;
};

Heard Started::wait() {
    std::unique_lock lock{state_->mutex};
    if (!state_->changed.wait_for(lock, limit, [&] { return state_->over; }))
        throw std::runtime_error{"the child did not end; it wrote: " + state_->heard.output + state_->heard.errors};
    return state_->heard;
}

bool Started::wait_for_output(const std::string& text) {
    std::unique_lock lock{state_->mutex};
    const auto seen = [&] { return state_->heard.output.find(text) != std::string::npos; };
    state_->changed.wait_for(lock, limit, [&] { return seen() || state_->over; });
    return seen();
}

std::string Started::output() const {
    const std::lock_guard lock{state_->mutex};
    return state_->heard.output;
}

std::uint64_t Started::wait_for_closed_input() {
    std::unique_lock lock{state_->mutex};
    if (!state_->changed.wait_for(lock, limit, [&] { return state_->taken.has_value(); }))
        throw std::runtime_error{"the child's stdin was not closed"};
    return *state_->taken;
}

Started Trial::start(std::vector<std::string> command, bool input, std::string folder) {
    Started started;
    const auto state = started.state_ = std::make_shared<Started::State>();
    const auto note = [state](auto change) {
        const std::lock_guard lock{state->mutex};
        change(*state);
        state->changed.notify_all();
    };
    process::Listener listener;
    listener.output = [note](std::string_view bytes) {
        note([&](Started::State& seen) {
            seen.heard.bytes += bytes.size();
            if (seen.heard.output.size() < (1 << 20)) seen.heard.output += bytes;
        });
    };
    listener.errors = [note](std::string_view bytes) {
        note([&](Started::State& seen) { seen.heard.errors += bytes; });
    };
    listener.input_closed = [note](std::uint64_t taken) { note([&](Started::State& seen) { seen.taken = taken; }); };
    listener.ended = [note](const process::Ending& ending) {
        note([&](Started::State& seen) {
            seen.heard.ending = ending;
            seen.over = true;
        });
    };
    started.id =
        launcher->start({std::move(command), {mark.variable()}, std::move(folder), input}, std::move(listener));
    return started;
}

}  // namespace rowmill::test
