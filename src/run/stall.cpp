#include "run/stall.hpp"

#include <algorithm>
#include <charconv>

namespace rowmill::run {
namespace {

template <typename Number>
Number number_in(const std::string& text) {
    Number number = 0;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

/// Of many that wait for one, that one knows why.
bool says_more(const Waiting& left, const Waiting& right) {
    const bool left_waits = left.state.starts_with("Waiting"), right_waits = right.state.starts_with("Waiting");
    return left_waits == right_waits ? left.since > right.since : left_waits;
}

/// MariaDB: "Waiting for someone to free space", MySQL: "Waiting for disk space".
bool waits_for_space(const Waiting& session) {
    return session.state.starts_with("Waiting") && session.state.ends_with("space");
}

/// Whether the server is read-only for our account: some accounts it does not bind.
bool is_bound_to_read(db::Session& session) {
    try {
        session.execute("START TRANSACTION READ WRITE");
        session.execute("ROLLBACK");
        return false;
    } catch (const Error& error) {
        if (error.kind() == ErrorKind::failover) return true;
        throw;
    }
}

}  // namespace

std::vector<Waiting> waiting_sessions(db::Session& session) {
    const db::ResultSet shown = session.query("SHOW PROCESSLIST");
    const auto id = shown.find("Id"), command = shown.find("Command"), time = shown.find("Time"), state = shown.find("State");
    std::vector<Waiting> found;
    if (!id || !command || !time || !state) return found;
    for (std::size_t row = 0; row < shown.rows.size(); ++row) {
        const auto number = number_in<std::uint64_t>(shown.text(row, *id));
        const std::chrono::seconds since{number_in<std::int64_t>(shown.text(row, *time))};
        if (number == session.connection_id() || shown.text(row, *command) != "Query" || since < long_unanswered) continue;
        found.push_back({number, since, shown.text(row, *state)});
    }
    return found;
}

std::optional<Waiting> unanswered(const std::vector<Waiting>& sessions, const std::vector<std::uint64_t>& ours) {
    std::optional<Waiting> found;
    for (const Waiting& session : sessions) {
        if (std::ranges::find(ours, session.id) == ours.end()) continue;
        if (!found || says_more(session, *found)) found = session;
    }
    return found;
}

std::string why_nobody_can_tell(db::Session& session) {
    for (const Waiting& other : waiting_sessions(session))
        if (waits_for_space(other)) return display(other);
    return is_bound_to_read(session) ? "the server to take writes again: it is read-only" : "";
}

std::string display(const Waiting& session) {
    return "the server to answer a statement, for " + std::to_string(session.since.count()) + " s so far" +
           (session.state.empty() ? "" : " (" + session.state + ")");
}

}  // namespace rowmill::run
