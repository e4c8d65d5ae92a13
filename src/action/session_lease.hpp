#pragma once

#include "action/session_pool.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

namespace rowmill::action {

/// A pool's session while a call of a handler has it. Ended as soon as a stop is requested, whatever it is blocked in.
class SessionLease {
public:
    /// Throws like SessionPool::take.
    SessionLease(std::shared_ptr<SessionPool> pool, std::stop_token stop);
    ~SessionLease();
    SessionLease(const SessionLease&) = delete;
    SessionLease& operator=(const SessionLease&) = delete;

    db::Session& session() { return *session_->session; }
    const std::string& sql_mode() const { return session_->sql_mode; }

private:
    std::shared_ptr<SessionPool> pool_;
    std::shared_ptr<PooledSession> session_;
    bool condemned_ = false;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;
};

}  // namespace rowmill::action
