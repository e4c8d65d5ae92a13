#include "run/guarded_transaction.hpp"

#include "engine/failpoint.hpp"

namespace rowmill::run {
namespace {

constexpr int savepoint_does_not_exist = 1305;
constexpr int rollback_was_incomplete = 1196;

}  // namespace

void GuardedTransaction::begin() {
    db::Session& session = link_.session();
    session.forget_deferred();
    session.defer("BEGIN");
    session.defer("SAVEPOINT rowmill");
}

void GuardedTransaction::record_guarded(const std::function<void(db::Session&)>& record) {
    db::Session& session = link_.session();
    // Fails when anything has committed since BEGIN, so that what is recorded below can't stand alone.
    session.defer("RELEASE SAVEPOINT rowmill");
    try {
        record(session);
    } catch (const Error& error) {
        if (error.server_code != savepoint_does_not_exist) throw;
        throw Error{ErrorKind::unsafe,
                    "a statement ended the transaction in which it ran (a procedure, a trigger's function or DDL that "
                    "commits): its work could be done twice. at_least_once = true in [action] lets it run"};
    }
    if (!session.in_transaction())
        throw Error{ErrorKind::unsafe, "the transaction was ended before its checkpoint; is autocommit forced on?"};
}

void GuardedTransaction::commit() {
    link_.session().execute("COMMIT", [] { engine::failpoint("commit-sent"); });
}

/// A warning betrays a write to a table without transactions.
void GuardedTransaction::rollback() {
    db::Session& session = link_.session();
    session.forget_deferred();
    const db::Executed rolled_back = session.execute("ROLLBACK");
    if (rolled_back.warnings == 0) return;
    for (const db::Warning& warning : session.warnings()) {
        if (warning.code == rollback_was_incomplete)
            throw Error{ErrorKind::unsafe, "a statement wrote to a table without transactions, which ROLLBACK can't undo: " +
                                               warning.message};
    }
}

void GuardedTransaction::reconnect() {
    link_.drop();
    link_.session();
}

}  // namespace rowmill::run
