#include "run/link.hpp"

#include "job/read.hpp"

#include <thread>

namespace rowmill::run {
namespace {

constexpr std::chrono::seconds first_connection_for{5};
constexpr std::chrono::milliseconds first_connection_pause{200};

constexpr int unknown_database = 1049;

bool is_lost(const Error& error) {
    return error.kind() == ErrorKind::disconnected || error.kind() == ErrorKind::overloaded ||
           error.kind() == ErrorKind::failover;
}

/// The server is asked, without a database, which one was probably meant.
[[noreturn]] void refuse_database(const db::Endpoint& endpoint, const Error& error) {
    db::Endpoint server = endpoint;
    server.database.clear();
    Error refusal{ErrorKind::usage, "there is no database " + endpoint.database + " on " + server.display()};
    try {
        db::Session session{server, {}};
        std::vector<std::string> known;
        session.stream("SHOW DATABASES", [&](const db::RowView& row) { known.emplace_back(row[0]); });
        if (const auto meant = job::nearest(endpoint.database, known))
            refusal = Error{ErrorKind::usage, std::string{refusal.what()} + "; did you mean " + *meant + "?"};
    } catch (const Error&) {
        // The name alone must do.
    }
    refusal.server_code = error.server_code;
    throw refusal;
}

/// What passes by itself, on the same connection.
bool may_pass(const Error& error) {
    return error.kind() == ErrorKind::replay || error.kind() == ErrorKind::interrupted;
}

/// So often in a row `repeat` takes such a failure for a passing one.
constexpr unsigned most_failures = 10;
constexpr engine::Duration full_disk_pause{2000};

}  // namespace

void OpenSessions::add(db::Session* session) {
    const std::lock_guard lock{mutex_};
    sessions_.insert(session);
}

void OpenSessions::remove(db::Session* session) {
    const std::lock_guard lock{mutex_};
    sessions_.erase(session);
}

void OpenSessions::interrupt_all() {
    const std::lock_guard lock{mutex_};
    std::vector<std::jthread> interrupters;  // each may take seconds where the server does not answer
    for (db::Session* session : sessions_) {
        interrupters.emplace_back([session] {
            const db::ThreadScope scope;
            session->interrupt();
        });
    }
}

std::vector<std::uint64_t> OpenSessions::connection_ids(const db::Server& server) const {
    const std::lock_guard lock{mutex_};
    const std::string identity = server.identity();
    std::vector<std::uint64_t> ids;
    for (const db::Session* session : sessions_)
        if (session->server().identity() == identity) ids.push_back(session->connection_id());
    return ids;
}

Link::Link(db::Connector connector, bool writable, Patience& patience, OpenSessions& open, Greeting greeting, Until until)
    : connector_{std::move(connector)},
      writable_{writable},
      patience_{patience},
      open_{open},
      greeting_{std::move(greeting)},
      until_{until} {}

Link::~Link() { drop(); }

db::Session& Link::session() {
    if (session_) return *session_;
    auto fresh = adopted_ ? std::move(adopted_) : connector_.connect(writable_);
    if (greeting_) greeting_(*fresh);
    session_ = std::move(fresh);
    since_ = patience_.clock.now();
    open_.add(session_.get());
    lost_.end(*session_, since_);
    // Only now: those that are open when all are interrupted have been, and this one may have come a moment later.
    if (patience_.stopping.is_dropping()) throw Error{ErrorKind::stopped, "asked to leave"};
    return *session_;
}

std::unique_ptr<db::Session> Link::release() {
    if (session_ && (!session_->usable() || session_->in_transaction())) drop();
    if (session_) open_.remove(session_.get());
    return std::move(session_);
}

void Link::drop() {
    if (!session_) return;
    open_.remove(session_.get());
    lost_.add(*session_, since_);
    session_.reset();
}

void Link::repeat(const std::function<void(db::Session&)>& work) {
    std::optional<engine::TimePoint> lost_at;
    unsigned losses = 0, failures = 0;
    for (;;) {
        try {
            work(session());
            if (lost_at) patience_.note("connected to " + connector_.endpoint().display() + " again");
            return;
        } catch (const Error& error) {
            if (patience_.stopping.is_dropping()) throw Error{ErrorKind::stopped, "asked to leave"};
            if (is_lost(error))
                wait_for_server(shown(error), lost_at, ++losses);
            else if (error.kind() == ErrorKind::disk_full)
                wait_a_while(shown(error), full_disk_pause);
            else if (may_pass(error) && ++failures < most_failures)
                wait_a_while(shown(error), patience_.backoff.ceiling(failures));
            else
                throw shown(error);
        }
    }
}

std::stop_token Link::end_of_patience() const {
    return until_ == Until::draining ? patience_.stopping.draining() : patience_.stopping.dropping();
}

void Link::wait_a_while(const Error& error, engine::Duration time) {
    const engine::Waits::Scope waiting{patience_.waits, "retry", error.what()};
    if (!patience_.clock.wait_until(patience_.clock.now() + time, end_of_patience()))
        throw Error{ErrorKind::stopped, "asked to stop while this could not be done: " + std::string{error.what()}};
}

void Link::wait_for_server(const Error& error, std::optional<engine::TimePoint>& lost_at, unsigned attempt) {
    drop();
    const engine::TimePoint now = patience_.clock.now();
    if (!lost_at) {
        lost_at = now;
        patience_.note(std::string{error.what()} + "; connecting again, for up to " +
                       job::display(patience_.reconnect_for));
    }
    if (now - *lost_at >= patience_.reconnect_for) {
        throw Error{ErrorKind::unreachable, connector_.endpoint().display() + " did not come back within " +
                                                job::display(patience_.reconnect_for) + ": " + error.what()};
    }
    const engine::Waits::Scope waiting{patience_.waits, "reconnect", std::string{"reconnecting: "} + error.what()};
    const auto wait = std::min(engine::Duration{5000}, patience_.backoff.ceiling(attempt));
    if (!patience_.clock.wait_until(now + wait, end_of_patience()))
        throw Error{ErrorKind::stopped, "asked to stop while the server was away"};
}

std::unique_ptr<db::Session> connect_first(const db::Connector& connector, bool writable) {
    const auto until = std::chrono::steady_clock::now() + first_connection_for;
    for (;;) {
        try {
            return connector.connect(writable);
        } catch (const Error& error) {
            if (error.kind() == ErrorKind::failover) throw Error{ErrorKind::refused, error.what()};
            if (error.server_code == unknown_database) refuse_database(connector.endpoint(), error);
            if (!is_lost(error)) throw;
            if (std::chrono::steady_clock::now() + first_connection_pause >= until)
                throw Error{ErrorKind::unreachable, std::string{error.what()} + "; tried for " +
                                                        std::to_string(first_connection_for.count()) + " seconds"};
        }
        std::this_thread::sleep_for(first_connection_pause);
    }
}

}  // namespace rowmill::run
