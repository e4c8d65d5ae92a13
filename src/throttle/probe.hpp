#pragma once

#include "db/connector.hpp"

#include <memory>
#include <mutex>
#include <string>
#include <string_view>

namespace rowmill::throttle {

/// A session that asks a server how it is: made when it is needed, replaced when it is lost, and never waited for long (2 s for a
/// connection, 5 s for an answer). One thread at a time, but for `interrupt`.
class Probe {
public:
    explicit Probe(db::Connector connector);

    /// Where the connection was lost since the last question, it is made anew. Throws Error like a session.
    db::ResultSet ask(std::string_view sql);
    /// Who answers, connected to where nobody was asked yet.
    const db::Server& server() { return session().server(); }
    /// "host:port", or the socket.
    std::string place() const { return place_; }
    /// Makes a question that is under way fail soon. From any thread.
    void interrupt();

private:
    db::Session& session();
    db::ResultSet ask_once(std::string_view sql);

    db::Connector connector_;
    std::string place_;
    std::mutex mutex_;
    db::Session* asked_ = nullptr;  ///< awaited at the moment
    std::unique_ptr<db::Session> session_;
};

}  // namespace rowmill::throttle
