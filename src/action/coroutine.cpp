#include "action/coroutine_threads.hpp"
#include "action/handler.hpp"
#include "action/handler_call.hpp"

#include <rowmill/coroutine.hpp>
#include <rowmill/error.hpp>

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>

#include <stop_token>

namespace rowmill::action {
namespace asio = boost::asio;
namespace {

using Strand = asio::strand<asio::io_context::executor_type>;

/// A coroutine in flight. The signal is touched on the strand alone: it is not thread-safe.
struct Flight {
    Flight(asio::io_context& io, std::shared_ptr<HandlerCall> handler_call, engine::Reply to)
        : strand{asio::make_strand(io)}, call{std::move(handler_call)}, reply{std::move(to)} {}

    Strand strand;
    std::shared_ptr<HandlerCall> call;
    engine::Reply reply;
    asio::cancellation_signal cancel;
    std::optional<std::stop_callback<std::function<void()>>> on_stop;
};

void cancel_when_stopped(const std::shared_ptr<Flight>& flight) {
    flight->on_stop.emplace(flight->call->stop_token(), [strand = flight->strand, weak = std::weak_ptr{flight}] {
        asio::post(strand, [weak] {
            if (const auto still = weak.lock()) still->cancel.emit(asio::cancellation_type::terminal);
        });
    });
}

/// Parameters by value: they live in the frame.
asio::awaitable<void> fly(std::shared_ptr<Flight> flight, std::shared_ptr<const CoroutineFunction> function) {
    std::vector<Outcome> outcomes(1);
    const Item item = flight->call->batch().items[0];
    rowmill::Context context{flight->call};
    try {
        outcomes[0] = co_await function->call(item, context);
    } catch (...) {
        outcomes[0] = flight->call->outcome_of_exception();
    }
    flight->on_stop.reset();
    flight->reply.answer(flight->call->end(std::move(outcomes)));
}

/// On the strand.
void take_off(const std::shared_ptr<Flight>& flight, const std::shared_ptr<const CoroutineFunction>& function) {
    cancel_when_stopped(flight);
    // What is called at the end keeps the flight, and with it the signal, until then.
    asio::co_spawn(flight->strand, fly(flight, function),
                   asio::bind_cancellation_slot(flight->cancel.slot(), [flight](std::exception_ptr) {}));
}

class CoroutineHandler : public engine::Action {
public:
    CoroutineHandler(std::shared_ptr<const CoroutineFunction> function, std::shared_ptr<const HandlerRun> run,
                     CoroutineThreads& threads)
        : function_{std::move(function)}, run_{std::move(run)}, threads_{threads} {}

    engine::Where runs_on() const override { return engine::Where::io; }

    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override {
        const auto flight = std::make_shared<Flight>(
            threads_.io(), std::make_shared<HandlerCall>(run_, batch, std::move(context.stop)), std::move(reply));
        asio::post(flight->strand, [flight, function = function_] { take_off(flight, function); });
    }

private:
    const std::shared_ptr<const CoroutineFunction> function_;
    const std::shared_ptr<const HandlerRun> run_;
    CoroutineThreads& threads_;
};

}  // namespace

std::shared_ptr<engine::Action> coroutine_action(std::shared_ptr<const CoroutineFunction> function,
                                                 std::shared_ptr<const HandlerRun> run, CoroutineThreads& threads) {
    return std::make_shared<CoroutineHandler>(std::move(function), std::move(run), threads);
}

void check_boost(const CoroutineFunction& function) {
    if (function.boost_version == BOOST_VERSION) return;
    const auto text = [](int version) {
        return std::to_string(version / 100000) + "." + std::to_string(version / 100 % 1000);
    };
    throw Error{ErrorKind::usage, "the coroutine was compiled with Boost " + text(function.boost_version) +
                                      ", and the rowmill library with Boost " + text(BOOST_VERSION) +
                                      ": use the same for both"};
}

}  // namespace rowmill::action
