#include "store/transaction.hpp"

namespace rowmill::store {

Transaction::Transaction(db::Session& session) : session_{session} {
    session_.defer("SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
    session_.defer("START TRANSACTION");
}

Transaction::~Transaction() {
    if (!open_) return;
    session_.forget_deferred();
    if (!session_.usable()) return;
    try {
        session_.execute("ROLLBACK");
    } catch (const Error&) {
        // The connection is lost, and the server rolls back by itself; the error that brought us here is on its way.
    }
}

void Transaction::commit() {
    session_.execute("COMMIT");
    open_ = false;
}

}  // namespace rowmill::store
