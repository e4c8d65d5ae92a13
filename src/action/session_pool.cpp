#include "action/session_pool.hpp"

#include <chrono>

namespace rowmill::action {
namespace {

using std::chrono::steady_clock;

/// A session that lay about for longer is asked for a sign of life before it is used: servers and proxies drop idle
/// ones.
constexpr std::chrono::seconds trusted_for{5};

bool is_alive(db::Session& session) {
    try {
        session.query("SELECT 1");
        return true;
    } catch (const Error&) {
        return false;
    }
}

bool is_clean(db::Session& session) {
    try {
        if (!session.usable()) return false;
        if (session.in_transaction()) session.execute("ROLLBACK");
        return session.usable();
    } catch (const Error&) {
        return false;
    }
}

}  // namespace

SessionPool::~SessionPool() {
    const db::ThreadScope scope;  // whoever lets go last may be a thread without one
    interrupter_ = {};
    idle_.clear();
}

std::shared_ptr<PooledSession> SessionPool::take_idle() {
    for (;;) {
        Idle last;
        {
            const std::lock_guard lock{mutex_};
            if (idle_.empty()) return nullptr;
            last = std::move(idle_.back());
            idle_.pop_back();
        }
        if (steady_clock::now() - last.since < trusted_for || is_alive(*last.session->session)) return last.session;
    }
}

std::shared_ptr<PooledSession> SessionPool::take() {
    if (auto idle = take_idle()) return idle;
    auto made = std::make_shared<PooledSession>();
    made->session = connector_.connect(true);
    made->sql_mode = made->session->query("SELECT @@SESSION.sql_mode").text(0, 0);
    return made;
}

void SessionPool::give_back(std::shared_ptr<PooledSession> given) {
    if (!is_clean(*given->session)) return;
    const std::lock_guard lock{mutex_};
    idle_.push_back({std::move(given), steady_clock::now()});
}

void SessionPool::interrupt(std::shared_ptr<PooledSession> session) {
    const std::lock_guard lock{mutex_};
    to_interrupt_.push_back(std::move(session));
    if (!interrupter_.joinable())
        interrupter_ = std::jthread{[this](const std::stop_token& stop) { interrupt_loop(stop); }};
    asked_.notify_one();
}

void SessionPool::interrupt_loop(const std::stop_token& stop) {
    const db::ThreadScope scope;
    std::unique_lock lock{mutex_};
    while (asked_.wait(lock, stop, [this] { return !to_interrupt_.empty(); })) {
        const auto session = std::move(to_interrupt_.front());
        to_interrupt_.pop_front();
        lock.unlock();
        session->session->interrupt();
        lock.lock();
    }
}

}  // namespace rowmill::action
