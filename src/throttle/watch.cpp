#include "throttle/watch.hpp"

#include "db/session.hpp"
#include "item/error_kind.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace rowmill::throttle {
namespace {

constexpr double unknown_strain = 2;
constexpr engine::Duration shortest_patience{2000};
/// A look is left alone for so long before it is broken off at the end.
constexpr std::chrono::milliseconds grace{100};

}  // namespace

engine::Duration longest_look(engine::Duration interval) {
    return std::max(3 * interval, shortest_patience);
}

Watch::Watch(std::string kind, engine::Gate& gate, const engine::Clock& clock, const Events& events, engine::Duration gone_after)
    : kind_{std::move(kind)}, gate_{gate}, clock_{clock}, events_{events}, gone_after_{gone_after} {}

Watch::~Watch() {
    stop();
}

void Watch::stop() {
    thread_.request_stop();
    if (!thread_.joinable()) return;
    std::unique_lock lock{look_mutex_};
    // Again and again: what is broken off may be a question that is just being asked, or the next one.
    while (!ended_.wait_for(lock, grace, [this] { return has_ended_; }))
        if (looked_at_ != nullptr) looked_at_->interrupt();
}

void Watch::begin(std::unique_ptr<Throttle> throttle) {
    {
        const std::lock_guard lock{mutex_};
        may_fail_ = true;
    }
    give(std::move(throttle));
}

void Watch::replace(std::unique_ptr<Throttle> throttle) {
    {
        const std::lock_guard lock{mutex_};
        may_fail_ = false;
    }
    give(std::move(throttle));
}

void Watch::give(std::unique_ptr<Throttle> throttle) {
    const std::lock_guard lock{mutex_};
    if (!thread_.joinable() && !throttle) return;
    next_ = std::move(throttle);
    is_replaced_ = true;
    given_.notify_all();
    if (thread_.joinable()) return;
    gate_.hold(kind_, "to hear from " + next_->asks());
    thread_ = std::jthread{[this](const std::stop_token& stop) {
        {
            const db::ThreadScope scope;
            loop(stop);
            present_.reset();
        }
        const std::lock_guard end{look_mutex_};
        has_ended_ = true;
        ended_.notify_all();
    }};
}

void Watch::loop(const std::stop_token& stop) {
    while (!stop.stop_requested()) {
        look();
        events_.looked();
        std::unique_lock lock{mutex_};
        const auto is_given = [this] { return is_replaced_; };
        if (present_)
            given_.wait_for(lock, stop, present_->interval(), is_given);
        else
            given_.wait(lock, stop, is_given);
    }
}

void Watch::look() {
    std::unique_ptr<Throttle> fresh;
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(is_replaced_, false)) {
            fresh = std::move(next_);
            if (!fresh) present_.reset();
        }
    }
    if (!fresh && !present_) return let_go();
    const Seen seen = look_at(fresh ? *fresh : *present_);
    {
        // What was broken off for the next one says nothing.
        const std::lock_guard lock{mutex_};
        if (is_replaced_) return;
    }
    judge(seen, std::move(fresh));
}

Watch::Seen Watch::look_at(Throttle& throttle) {
    {
        const std::lock_guard lock{look_mutex_};
        looked_at_ = &throttle;
        look_began_ = clock_.now();
    }
    const auto forget = [this](void*) {
        const std::lock_guard lock{look_mutex_};
        looked_at_ = nullptr;
    };
    const std::unique_ptr<void, decltype(forget)> looked{this, forget};
    try {
        return throttle.look();
    } catch (const Error& error) {
        return error;
    } catch (const std::exception& error) {
        return Error{ErrorKind::internal, error.what()};
    }
}

void Watch::judge(const Seen& seen, std::unique_ptr<Throttle> fresh) {
    const Error* error = std::get_if<Error>(&seen);
    if (error != nullptr && error->kind() == ErrorKind::usage && (fresh || may_fail_)) return refuse(*error, fresh != nullptr);
    if (fresh) {
        present_ = std::move(fresh);
        hysteresis_ = {};
        out_of_reach_since_.reset();
    }
    error != nullptr ? fault(*error) : see(std::get<Reading>(seen));
}

void Watch::refuse(const Error& error, bool is_fresh) {
    if (may_fail_) return events_.failed(error);
    if (!is_fresh) return fault(error);
    events_.note(std::string{error.what()} + "; what was set before stays");
    if (!present_) let_go();
}

void Watch::see(const Reading& reading) {
    {
        const std::lock_guard lock{mutex_};
        may_fail_ = false;
        strain_ = reading.strain;
        lag_seconds_ = reading.lag_seconds;
        if (!reading.reason.empty()) reason_ = reading.reason;
    }
    out_of_reach_since_.reset();
    if (!reading.critical.empty()) events_.critical(reading.critical);
    hysteresis_.see(reading.strain) ? hold(reason_) : let_go();
}

void Watch::fault(const Error& error) {
    {
        const std::lock_guard lock{mutex_};
        strain_ = unknown_strain;
    }
    hold(error.what());
    if (!is_lost_connection(error.kind())) return out_of_reach_since_.reset();
    const engine::TimePoint now = clock_.now();
    if (!out_of_reach_since_) out_of_reach_since_ = now;
    if (now - *out_of_reach_since_ < gone_after_) return;
    events_.failed(Error{ErrorKind::unreachable, "the server did not come back: " + std::string{error.what()}});
}

void Watch::hold(const std::string& reason) {
    gate_.hold(kind_, reason);
    {
        const std::lock_guard lock{mutex_};
        if (std::exchange(is_told_, true)) return;
    }
    events_.began(reason);
}

void Watch::let_go() {
    {
        const std::lock_guard lock{mutex_};
        is_told_ = false;
        if (!present_) {
            strain_ = 0;
            lag_seconds_.reset();
        }
    }
    gate_.let_go(kind_);
}

void Watch::check_answer() {
    const std::lock_guard look_lock{look_mutex_};
    if (looked_at_ == nullptr) return;
    const auto time = clock_.now() - look_began_;
    {
        std::unique_lock lock{mutex_};
        if (is_replaced_) {
            lock.unlock();
            return looked_at_->interrupt();
        }
        if (time <= longest_look(looked_at_->interval())) return;
        strain_ = unknown_strain;
    }
    const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
    hold("no answer from " + looked_at_->asks() + " for " + std::to_string(seconds) + " s");
}

double Watch::strain() const {
    const std::lock_guard lock{mutex_};
    return strain_;
}

std::optional<double> Watch::lag_seconds() const {
    const std::lock_guard lock{mutex_};
    return lag_seconds_;
}

}  // namespace rowmill::throttle
