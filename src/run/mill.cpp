#include "run/mill.hpp"

#include <cstdio>
#include <cstdlib>

namespace rowmill::run {

void Mill::greet(db::Session& session) const {
    if (store::Store{session, request.job.store_schema}.holds(run.id, run.token)) return;
    throw Error{ErrorKind::failover, "the server that answers now (" + session.server().display() + " on " +
                                         session.server().host + ") does not hold run " + std::to_string(run.id) +
                                         ": another one, or an older copy"};
}

void Mill::greet_table(db::Session& session) const {
    if (preparation.source_is_store) greet(session);
    const table::Description& known = selection->table;
    const std::string definition = table::definition(session, known);
    {
        const std::lock_guard lock{mutex};
        if (!definition.empty() && definition == known_definition) return;
    }
    const table::Description now = table::describe(session, known.schema, known.name);
    const auto changed =
        job::differences(table::fingerprint(known, selection->key),
                         table::fingerprint(now, table::choose_key(now, request.job.source.key_index)));
    if (changed.empty()) {
        const std::lock_guard lock{mutex};
        known_definition = definition;  // read before the description: what has changed since is seen at the next look
        return;
    }
    throw Error{ErrorKind::refused, "the table changed while the run was on: " + changed.front() +
                                        ". Run it again with --accept-changes, or --restart"};
}

void Mill::leave_behind(int exit_code) {
    if (is_left_behind.exchange(true)) return;
    if (request.leave_behind) return request.leave_behind(exit_code);
    std::fflush(nullptr);
    std::_Exit(exit_code);
}

Link Mill::link_to_store(Link::Until until) const {
    return {preparation.store, true, patience, open, [this](db::Session& session) { greet(session); }, until};
}

}  // namespace rowmill::run
