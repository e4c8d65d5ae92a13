#include "run/lost_connections.hpp"

#include <charconv>

namespace rowmill::run {
namespace {

/// How long the server has surely been up: it takes the difference of two clocks of whole seconds.
std::chrono::seconds sure_uptime(db::Session& session) {
    const db::ResultSet shown = session.query("SHOW GLOBAL STATUS LIKE 'Uptime'");
    std::int64_t seconds = 0;
    if (!shown.empty()) {
        const std::string& text = shown.text(0, 1);
        std::from_chars(text.data(), text.data() + text.size(), seconds);
    }
    return std::chrono::seconds{seconds - 1};
}

}  // namespace

void LostConnections::add(const db::Session& session, engine::TimePoint since) {
    lost_.push_back({session.connection_id(), session.server().identity(), since});
}

void LostConnections::end(db::Session& session, engine::TimePoint now) {
    if (lost_.empty()) return;
    const std::string server = session.server().identity();
    const auto up = sure_uptime(session);
    for (; !lost_.empty(); lost_.pop_back()) {
        const Lost& lost = lost_.back();
        // Where it may have been started since, the id may by now be an innocent's.
        const bool may_have_restarted = now - lost.since > up || session.connection_id() <= lost.id;
        if (lost.server != server || may_have_restarted) continue;
        try {
            session.execute("KILL " + std::to_string(lost.id));
        } catch (const Error&) {
            if (!session.usable()) throw;
            // It has gone by itself, as most have.
        }
    }
}

}  // namespace rowmill::run
