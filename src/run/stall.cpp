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

}  // namespace

std::optional<Unanswered> unanswered(db::Session& session, const std::vector<std::uint64_t>& ours,
                                     std::chrono::seconds at_least) {
    const db::ResultSet shown = session.query("SHOW PROCESSLIST");
    const auto id = shown.find("Id"), command = shown.find("Command"), time = shown.find("Time"), state = shown.find("State");
    std::optional<Unanswered> found;
    if (!id || !command || !time || !state) return found;
    for (std::size_t row = 0; row < shown.rows.size(); ++row) {
        const auto session_id = number_in<std::uint64_t>(shown.text(row, *id));
        if (session_id == session.connection_id() || std::ranges::find(ours, session_id) == ours.end()) continue;
        if (shown.text(row, *command) != "Query") continue;
        const Unanswered seen{std::chrono::seconds{number_in<std::int64_t>(shown.text(row, *time))}, shown.text(row, *state)};
        if (seen.since >= at_least && (!found || says_more(seen, *found))) found = seen;
    }
    return found;
}

std::string display(const Unanswered& statement) {
    return "the server to answer a statement, for " + std::to_string(statement.since.count()) + " s so far" +
           (statement.state.empty() ? "" : " (" + statement.state + ")");
}

}  // namespace rowmill::run
