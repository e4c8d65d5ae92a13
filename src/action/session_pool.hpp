#pragma once

#include "db/connector.hpp"

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rowmill::action {

/// A session, and how it reads literals.
struct PooledSession {
    std::unique_ptr<db::Session> session;
    std::string sql_mode;
};

/// Sessions for handlers, made when they are asked for. Each call of a handler has one at most, so that there are never
/// more than calls. Thread-safe; every thread that takes, uses or gives back a session needs a db::ThreadScope.
class SessionPool {
public:
    explicit SessionPool(db::Connector connector) : connector_{std::move(connector)} {}
    ~SessionPool();

    /// Blocks while it connects. Throws Error where that fails: the attempt is the caller's, not the pool's, to repeat.
    std::shared_ptr<PooledSession> take();
    /// For the next one, without the transaction that was left open; thrown away where it is broken.
    void give_back(std::shared_ptr<PooledSession> given);
    /// Makes what is blocked on the session fail soon. Returns at once: ending a statement takes a connection of its
    /// own.
    void interrupt(std::shared_ptr<PooledSession> session);

private:
    struct Idle {
        std::shared_ptr<PooledSession> session;
        std::chrono::steady_clock::time_point since;
    };
    std::shared_ptr<PooledSession> take_idle();
    void interrupt_loop(const std::stop_token& stop);

    const db::Connector connector_;
    std::mutex mutex_;
    std::vector<Idle> idle_;
    std::condition_variable_any asked_;
    std::deque<std::shared_ptr<PooledSession>> to_interrupt_;
    std::jthread interrupter_;  ///< begun with the first who asks
};

}  // namespace rowmill::action
