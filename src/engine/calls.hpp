#pragma once

#include "engine/batch.hpp"
#include "engine/dispatcher.hpp"
#include "engine/executor.hpp"
#include "engine/lane.hpp"
#include "engine/stopping.hpp"

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <stop_token>

namespace rowmill::engine {

class Call;

/// The calls in flight, in the order in which they began; all have the same time, so it runs out in that order too. When the
/// run is dropped all of them are asked to give up. Thread-safe.
class Calls {
public:
    /// `timeout` 0: their time never runs out.
    Calls(Executor& executor, Clock& clock, const Stopping& stopping, Dispatcher& dispatcher, Duration timeout);
    ~Calls();
    Calls(const Calls&) = delete;
    Calls& operator=(const Calls&) = delete;

    void begin(const std::shared_ptr<Call>& call);
    /// Its answer has settled it.
    void end(Call& call);
    /// It was settled before its answer came: its slot is free now. Harmless when the run has ended without it.
    static void came_back(Call& call);

private:
    friend class Call;
    struct Shared;
    std::shared_ptr<Shared> shared_;
    std::stop_callback<std::function<void()>> on_drop_;
};

/// One call of an action while it is in flight. It is settled once, by its answer or by its time running out: work is not
/// trusted to stop, so its slot stays taken until the answer has come all the same. Thread-safe.
class Call {
public:
    /// `expired` is called where its time runs out before it was settled; at most once.
    Call(Batch given, std::function<void()> expired) : batch{std::move(given)}, expired_{std::move(expired)} {}

    const Batch batch;

    std::stop_token stop() const { return stop_.get_token(); }
    void give_up() { stop_.request_stop(); }
    TimePoint began() const { return began_; }
    /// Microseconds since it began.
    std::uint64_t age(TimePoint now) const {
        return static_cast<std::uint64_t>(std::chrono::duration_cast<std::chrono::microseconds>(now - began_).count());
    }
    /// True for the first who asks.
    bool settle() { return !settled_.exchange(true); }

private:
    friend class Calls;
    struct Entry {
        TimePoint due;
        std::weak_ptr<Call> call;
    };

    std::function<void()> expired_;
    TimePoint began_{};
    std::stop_source stop_;
    std::atomic<bool> settled_{false};
    std::weak_ptr<Calls::Shared> calls_;
    std::list<Entry>::iterator entry_{};
};

}  // namespace rowmill::engine
