#pragma once

#include "cli/command.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::cli {

/// A run that is to be told something, through the store that its workers look at.
class Steering {
public:
    /// Throws Error{usage} where there is no such run.
    Steering(const ConnectionFlags& connection, std::uint64_t run);

    store::Store& store() { return *store_; }
    const db::Connector& connector() const { return connector_; }
    store::RunId id() const { return id_; }
    /// "run 7"
    std::string name() const { return "run " + std::to_string(id_); }
    /// As it stands now.
    store::RunRecord run();
    std::vector<store::WorkerRecord> live_workers();
    /// Whether there is a live worker that is not about to leave, as far as they have told.
    bool is_worked_on();

    /// Waits up to two seconds until every live worker has taken up what it is asked for by now. Says how many have, and how
    /// many have not: "its 2 workers have taken it up". Empty where there are none.
    std::string wait_until_taken_up();
    /// Waits up to three seconds until no live worker is left, and returns those that are.
    std::vector<store::WorkerRecord> wait_until_left();

private:
    db::Connector connector_;
    std::unique_ptr<db::Session> session_;
    std::unique_ptr<store::Store> store_;
    store::RunId id_;
};

/// "its worker", "its 3 workers"
std::string its_workers(std::size_t count);

}  // namespace rowmill::cli
