#pragma once

#include "db/connector.hpp"
#include "engine/lane.hpp"
#include "job/job.hpp"

#include <rowmill/job.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::action {

class CoroutineThreads;
class SessionPool;

/// What the calls of a handler have in common. Thread-safe: nobody changes it.
struct HandlerRun {
    std::uint64_t run = 0;
    std::string run_token;
    job::Params params;
    std::vector<std::string> secrets;  ///< masked in what becomes of the rows
    bool retry_on_exception = false;
    std::function<void(const std::string&)> log;  ///< from any thread
    std::shared_ptr<SessionPool> sessions;
};

/// Calls a function for each row, on the thread that starts the call: with the pool's threads, as many at once as there
/// are.
std::shared_ptr<engine::Action> each_action(EachFunction function, std::shared_ptr<const HandlerRun> run);

/// The same for several rows a call.
std::shared_ptr<engine::Action> batch_action(BatchFunction function, std::shared_ptr<const HandlerRun> run);

/// Starts a coroutine for each row and returns; `threads` must outlive the action and all that it started. A stop
/// cancels what the coroutine waits for.
std::shared_ptr<engine::Action> coroutine_action(std::shared_ptr<const CoroutineFunction> function,
                                                 std::shared_ptr<const HandlerRun> run, CoroutineThreads& threads);

/// Throws Error{usage} where the awaitable was compiled with another Boost than ours.
void check_boost(const CoroutineFunction& function);

}  // namespace rowmill::action
