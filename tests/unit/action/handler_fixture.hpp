#pragma once

#include "action/handler.hpp"

#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::test {

/// A batch of rows with the key `id` 1 … and the column `title`, "t" and the id.
inline engine::Batch books(unsigned count = 1, unsigned attempt = 1, const std::string& last_class = {}) {
    auto shape = std::make_shared<Shape>();
    shape->columns = {{"id", ValueType::integer}, {"title", ValueType::text}};
    shape->key_columns = 1;
    auto block = std::make_shared<Block>(shape);
    for (unsigned id = 1; id <= count; ++id) {
        block->append(std::to_string(id));
        block->append("t" + std::to_string(id));
    }
    engine::Batch batch;
    batch.count = count;
    batch.items = Items{block};
    batch.attempt = attempt;
    batch.last_class = last_class;
    return batch;
}

/// Waits for the one answer to a call.
class Answered {
public:
    engine::Reply reply() {
        return engine::Reply{[this](engine::Reply::Answer answer) {
            const std::lock_guard lock{mutex_};
            answer_ = std::get<engine::BatchOutcome>(std::move(answer));
            ++count_;
            heard_.notify_all();
        }};
    }

    engine::BatchOutcome wait() {
        std::unique_lock lock{mutex_};
        heard_.wait(lock, [this] { return count_ > 0; });
        return *answer_;
    }
    /// What became of the only item.
    Outcome outcome() {
        const engine::BatchOutcome answer = wait();
        return answer.named.empty() ? success() : answer.named.at(0).second;
    }
    bool is_there() const {
        const std::lock_guard lock{mutex_};
        return count_ > 0;
    }

private:
    mutable std::mutex mutex_;
    std::condition_variable heard_;
    std::optional<engine::BatchOutcome> answer_;
    unsigned count_ = 0;
};

inline std::shared_ptr<action::HandlerRun> handler_run() {
    auto run = std::make_shared<action::HandlerRun>();
    run->run = 7;
    run->run_token = "token of the run";
    run->log = [](const std::string&) {};
    return run;
}

}  // namespace rowmill::test
