#include "action/handler.hpp"

#include "action/handler_call.hpp"

#include <utility>

namespace rowmill::action {
namespace {

/// A handler whose calls block the thread that they are started on.
class BlockingHandler : public engine::Action {
public:
    explicit BlockingHandler(std::shared_ptr<const HandlerRun> run) : run_{std::move(run)} {}

    engine::Where runs_on() const override { return engine::Where::blocking; }

    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override {
        const auto call = std::make_shared<HandlerCall>(run_, batch, std::move(context.stop));
        // Ended before the slot is free again: there are never more sessions than slots.
        reply.answer(call->end(outcomes_of(call)));
    }

private:
    std::vector<Outcome> outcomes_of(const std::shared_ptr<HandlerCall>& call) const {
        try {
            rowmill::Context context{call};
            return call_handler(call->batch().items, context);
        } catch (...) {
            return std::vector<Outcome>(call->batch().items.size(), call->outcome_of_exception());
        }
    }

    virtual std::vector<Outcome> call_handler(const Items& items, rowmill::Context& context) const = 0;

    const std::shared_ptr<const HandlerRun> run_;
};

class EachHandler : public BlockingHandler {
public:
    EachHandler(EachFunction function, std::shared_ptr<const HandlerRun> run)
        : BlockingHandler{std::move(run)}, function_{std::move(function)} {}

private:
    std::vector<Outcome> call_handler(const Items& items, rowmill::Context& context) const override {
        return {function_(items[0], context)};
    }

    const EachFunction function_;
};

class BatchHandler : public BlockingHandler {
public:
    BatchHandler(BatchFunction function, std::shared_ptr<const HandlerRun> run)
        : BlockingHandler{std::move(run)}, function_{std::move(function)} {}

private:
    std::vector<Outcome> call_handler(const Items& items, rowmill::Context& context) const override {
        std::vector<Outcome> outcomes = function_(items, context);
        if (outcomes.size() == items.size()) return outcomes;
        const std::string reason = "the handler answered " + std::to_string(outcomes.size()) + " outcomes for " +
                                   std::to_string(items.size()) + " rows, so that none can be told";
        return std::vector<Outcome>(items.size(), failure(reason, "wrong answer"));
    }

    const BatchFunction function_;
};

}  // namespace

std::shared_ptr<engine::Action> each_action(EachFunction function, std::shared_ptr<const HandlerRun> run) {
    return std::make_shared<EachHandler>(std::move(function), std::move(run));
}

std::shared_ptr<engine::Action> batch_action(BatchFunction function, std::shared_ptr<const HandlerRun> run) {
    return std::make_shared<BatchHandler>(std::move(function), std::move(run));
}

}  // namespace rowmill::action
