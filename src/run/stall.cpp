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
bool says_more(const Unanswered& left, const Unanswered& right) {
    const bool left_waits = left.state.starts_with("Waiting"), right_waits = right.state.starts_with("Waiting");
    return left_waits == right_waits ? left.since > right.since : left_waits;
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

std::optional<Unanswered> unanswered(const std::vector<Connected>& sessions, std::chrono::seconds at_least) {
    std::optional<Unanswered> found;
    for (const Connected& session : sessions) {
        if (!session.statement || session.statement->since < at_least) continue;
        if (!found || says_more(*session.statement, *found)) found = session.statement;
    }
    return found;
}

std::vector<Connected> connected(db::Session& session, const std::vector<std::uint64_t>& ids) {
    const db::ResultSet shown = session.query("SHOW PROCESSLIST");
    const auto id = shown.find("Id"), command = shown.find("Command"), time = shown.find("Time"), state = shown.find("State");
    std::vector<Connected> found;
    if (!id || !command || !time || !state) return found;
    for (std::size_t row = 0; row < shown.rows.size(); ++row) {
        const auto number = number_in<std::uint64_t>(shown.text(row, *id));
        if (number == session.connection_id() || std::ranges::find(ids, number) == ids.end()) continue;
        Connected one{number, {}};
        if (shown.text(row, *command) == "Query")
            one.statement = Unanswered{std::chrono::seconds{number_in<std::int64_t>(shown.text(row, *time))},
                                       shown.text(row, *state)};
        found.push_back(std::move(one));
    }
    return found;
}

std::string why_nobody_can_tell(db::Session& session, const std::vector<std::uint64_t>& ids) {
    const auto statement = unanswered(connected(session, ids), long_unanswered);
    if (statement && statement->state.starts_with("Waiting")) return display(*statement);
    return is_bound_to_read(session) ? "the server to take writes again: it is read-only" : "";
}

std::string display(const Unanswered& statement) {
    return "the server to answer a statement, for " + std::to_string(statement.since.count()) + " s so far" +
           (statement.state.empty() ? "" : " (" + statement.state + ")");
}

}  // namespace rowmill::run
