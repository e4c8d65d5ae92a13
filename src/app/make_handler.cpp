#include "app/job_command.hpp"

#include "action/coroutine_threads.hpp"
#include "action/handler.hpp"
#include "action/session_pool.hpp"

namespace rowmill::app {
namespace {

std::shared_ptr<const action::HandlerRun> handler_run(const Declaration& declaration, const run::HandlerCall& call) {
    auto run = std::make_shared<action::HandlerRun>();
    run->run = call.run;
    run->run_token = call.run_token;
    run->params = call.params;
    run->secrets = call.secrets;
    run->retry_on_exception = declaration.retry_on_exception;
    run->log = call.log;
    run->sessions = std::make_shared<action::SessionPool>(call.target);
    return run;
}

}  // namespace

run::MakeHandler make_handler(const Declaration& declaration) {
    if (!declaration.has_handler()) return {};
    const auto threads = std::make_shared<std::unique_ptr<action::CoroutineThreads>>();
    return [&declaration, threads](const run::HandlerCall& call) {
        const auto run = handler_run(declaration, call);
        if (const auto* each = std::get_if<EachFunction>(&declaration.handler)) return action::each_action(*each, run);
        if (const auto* batch = std::get_if<BatchFunction>(&declaration.handler))
            return action::batch_action(*batch, run);
        const auto& coroutine = std::get<std::shared_ptr<const CoroutineFunction>>(declaration.handler);
        action::check_boost(*coroutine);
        *threads = std::make_unique<action::CoroutineThreads>();
        return action::coroutine_action(coroutine, run, **threads);
    };
}

}  // namespace rowmill::app
