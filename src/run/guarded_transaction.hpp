#pragma once

#include "engine/lane.hpp"
#include "run/link.hpp"

#include <functional>

namespace rowmill::run {

/// A transaction in which work and its record commit together, or not at all. A savepoint guards it: whatever commits behind our
/// back takes the savepoint with it, and is found out before anything is recorded. One thread at a time.
class GuardedTransaction : public engine::Transaction {
public:
    explicit GuardedTransaction(Link& link) : link_{link} {}

    void begin() override;
    void commit() override;
    void rollback() override;
    void reconnect() override;
    bool record_inside() const override { return true; }

protected:
    Link& link() { return link_; }
    /// Calls `record` once the savepoint has been asked to be released, in the packet of its first statement. Throws
    /// Error{unsafe} where the transaction was ended meanwhile.
    void record_guarded(const std::function<void(db::Session&)>& record);

private:
    Link& link_;
};

}  // namespace rowmill::run
