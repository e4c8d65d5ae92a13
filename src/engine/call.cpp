#include "engine/call.hpp"

#include "engine/fault.hpp"

#include <mutex>

namespace rowmill::engine {
namespace {

struct Progress {
    enum class State : std::uint8_t { starting, started, over };

    std::mutex mutex;
    State state = State::starting;
    std::optional<Reply::Answer> early;  ///< given while starting
};

}  // namespace

void start_call(Action& action, const Batch& batch, Context context, std::function<void(Reply::Answer)> answered) {
    const auto progress = std::make_shared<Progress>();
    Reply reply{[progress, answered](Reply::Answer answer) {
        {
            const std::lock_guard lock{progress->mutex};
            if (progress->state == Progress::State::over) return;
            if (progress->state == Progress::State::starting) {
                progress->early = std::move(answer);
                return;
            }
            progress->state = Progress::State::over;
        }
        answered(std::move(answer));
    }};
    std::optional<Reply::Answer> thrown;
    try {
        action.start(batch, std::move(context), std::move(reply));
    } catch (...) {
        thrown = current_error();
    }
    std::optional<Reply::Answer> answer;
    {
        const std::lock_guard lock{progress->mutex};
        answer = thrown ? std::move(thrown) : std::exchange(progress->early, std::nullopt);
        progress->state = answer ? Progress::State::over : Progress::State::started;
    }
    if (answer) answered(std::move(*answer));
}

}  // namespace rowmill::engine
