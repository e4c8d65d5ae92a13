#pragma once

#include "db/session.hpp"

namespace rowmill::store {

/// A short READ COMMITTED transaction of the store's own. BEGIN travels with the first statement; what is not
/// committed is rolled back at the end of the scope. Under REPEATABLE READ a claim would keep others from inserting.
class Transaction {
public:
    explicit Transaction(db::Session& session);
    ~Transaction();
    Transaction(const Transaction&) = delete;
    Transaction& operator=(const Transaction&) = delete;

    void commit();

private:
    db::Session& session_;
    bool open_ = true;
};

}  // namespace rowmill::store
