#pragma once

#include "action/handler.hpp"

#include <rowmill/context.hpp>

#include <exception>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::action {

/// One call of a handler: what its Context shows, and the session that it asked for.
class HandlerCall {
public:
    HandlerCall(std::shared_ptr<const HandlerRun> run, engine::Batch batch, std::stop_token stop)
        : run_{std::move(run)}, batch_{std::move(batch)}, stop_{std::move(stop)} {}

    const HandlerRun& run() const { return *run_; }
    const engine::Batch& batch() const { return batch_; }
    const std::stop_token& stop_token() const { return stop_; }
    Session& session();
    void log(std::string_view text) const;

    /// What the exception that is being handled makes of an item.
    Outcome outcome_of_exception() const;
    /// The handler has returned: gives the session back, and tells the log of what did not succeed, unless its time was
    /// up before. The outcomes of the batch's items as the engine wants them.
    engine::BatchOutcome end(std::vector<Outcome> outcomes);

private:
    const std::shared_ptr<const HandlerRun> run_;
    const engine::Batch batch_;
    const std::stop_token stop_;
    std::optional<Session> session_;
};

}  // namespace rowmill::action
