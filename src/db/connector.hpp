#pragma once

#include "db/session.hpp"

#include <memory>

namespace rowmill::db {

/// Opens sessions of one kind: an endpoint, resolved again each time, and the settings. Thread-safe.
class Connector {
public:
    Connector(Endpoint endpoint, SessionSettings settings);

    const Endpoint& endpoint() const { return endpoint_; }
    const SessionSettings& settings() const { return settings_; }

    /// One attempt. `writable` refuses a read-only server with Error{failover}.
    std::unique_ptr<Session> connect(bool writable = false) const;

private:
    Endpoint endpoint_;
    SessionSettings settings_;
};

}  // namespace rowmill::db
