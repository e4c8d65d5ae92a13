#pragma once

#include "db/connector.hpp"
#include "engine/backoff.hpp"
#include "engine/stopping.hpp"
#include "engine/waits.hpp"
#include "run/lost_connections.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>

namespace rowmill::run {

/// The sessions of a run that may be blocked on a server, so that "leave at once" can reach them. Thread-safe.
class OpenSessions {
public:
    void add(db::Session* session);
    void remove(db::Session* session);
    void interrupt_all();
    /// Of those with this server.
    std::vector<std::uint64_t> connection_ids(const db::Server& server) const;

private:
    mutable std::mutex mutex_;
    std::set<db::Session*> sessions_;
};

/// How long a lost server is waited for, and who wants to know. Shared by the links of a run.
struct Patience {
    engine::Clock& clock;
    engine::Stopping& stopping;
    engine::Waits& waits;
    engine::Backoff backoff;
    std::chrono::milliseconds reconnect_for{600000};
    std::function<void(const std::string&)> note;  ///< told of each loss and each return
    std::function<Error(const Error&)> conceal;    ///< takes secrets out of an error before anybody sees it
};

/// One session, made when it is asked for and replaced when it is lost. One thread at a time.
class Link {
public:
    /// Looks at a new session before it is used; throws where it is not with the server that was meant.
    using Greeting = std::function<void(db::Session&)>;
    /// Until when a lost server is waited for: a link that only reads gives up when the run drains, one that records what was
    /// done goes on until it is dropped.
    enum class Until : std::uint8_t { draining, dropping };

    Link(db::Connector connector, bool writable, Patience& patience, OpenSessions& open, Greeting greeting = {},
         Until until = Until::draining);
    ~Link();
    Link(const Link&) = delete;
    Link& operator=(const Link&) = delete;

    /// A session of this link's kind that somebody has opened before: greeted and used where one would be made.
    void adopt(std::unique_ptr<db::Session> session) { adopted_ = std::move(session); }
    /// The session, for another link of the same kind to adopt; none where it is of no use any more.
    std::unique_ptr<db::Session> release();
    /// Connects where there is none, in one attempt, and ends on the server what was lost before.
    db::Session& session();
    /// Ends the session, whatever state it is in.
    void drop();
    /// Does `work`, which must be safe to do again; while the connection is lost, connects again with backoff and
    /// repeats it. A deadlock, a lock wait or a killed statement is repeated a few times too, a full disk is waited for. Throws
    /// Error{unreachable} when the server stays away too long, Error{stopped} once a stop is asked for.
    void repeat(const std::function<void(db::Session&)>& work);

private:
    void wait_for_server(const Error& error, std::optional<engine::TimePoint>& lost_at, unsigned attempt);
    void wait_a_while(const Error& error, engine::Duration time);
    std::stop_token end_of_patience() const;
    Error shown(const Error& error) const { return patience_.conceal ? patience_.conceal(error) : error; }

    db::Connector connector_;
    bool writable_;
    Patience& patience_;
    OpenSessions& open_;
    Greeting greeting_;
    Until until_;
    std::unique_ptr<db::Session> adopted_;
    std::unique_ptr<db::Session> session_;
    engine::TimePoint since_;  ///< when it was made
    LostConnections lost_;
};

/// The first connection: tried for five seconds. Throws Error{unreachable} that says where and why.
std::unique_ptr<db::Session> connect_first(const db::Connector& connector, bool writable);

}  // namespace rowmill::run
