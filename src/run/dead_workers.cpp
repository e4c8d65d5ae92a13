#include "run/dead_workers.hpp"

#include "run/snapshot.hpp"

#include <algorithm>
#include <string>
#include <string_view>

namespace rowmill::run {
namespace {

/// Of those, the ones that the server has now, of the user that we are.
std::vector<std::string> ours_among(db::Session& session, const std::vector<std::uint64_t>& ids) {
    const std::string self = session.query("SELECT USER()").text(0, 0);
    const std::string_view user = std::string_view{self}.substr(0, self.rfind('@'));
    std::vector<std::string> found;
    const db::ResultSet shown = session.query("SHOW PROCESSLIST");  // the first two columns are the id and the user
    for (std::size_t row = 0; row < shown.rows.size(); ++row) {
        const bool is_listed =
            std::ranges::any_of(ids, [&](std::uint64_t id) { return std::to_string(id) == shown.text(row, 0); });
        if (is_listed && shown.text(row, 1) == user) found.push_back(shown.text(row, 0));
    }
    return found;
}

void end_connections(store::Store& store, store::WorkerId worker) {
    const auto noted = store.connections_of(worker);
    if (noted.empty()) return;
    db::Session& session = store.session();
    for (const std::string& id : ours_among(session, noted)) {
        try {
            session.execute("KILL " + id);
        } catch (const Error&) {
            if (!session.usable()) throw;
            // It has gone by itself.
        }
    }
}

}  // namespace

bool bury(store::Store& store, const store::WorkerRecord& dead) {
    end_connections(store, dead.id);
    if (!store::is_known_gone(dead.identity)) return store.declare_expired(dead.id);
    store.declare_gone(dead.id);
    return true;
}

void expel(store::Store& store, const store::WorkerRecord& worker) {
    end_connections(store, worker.id);
    store.declare_gone(worker.id);
}

unsigned bury_dead_workers(store::Store& store, store::RunId run, store::WorkerId self) {
    unsigned buried = 0;
    for (const store::WorkerRecord& worker : store.workers(run)) {
        if (worker.id == self || is_alive(worker)) continue;
        if (bury(store, worker)) ++buried;
    }
    return buried;
}

}  // namespace rowmill::run
