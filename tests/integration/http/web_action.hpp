#pragma once

#include "action/outside.hpp"

#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rowmill::test {

/// A row with an id, a title (text) and an amount (decimal).
struct Row {
    int id = 1;
    std::optional<std::string> title = "Emma";
    std::optional<std::string> amount = "12.50";
};

/// An http action, as a run would have it, and its log.
class WebAction {
public:
    explicit WebAction(const job::ActionSpec& spec, const std::vector<std::pair<job::ParamSpec, Value>>& params = {});

    /// The action's answer; std::runtime_error where none comes.
    engine::Reply::Answer answer(const Row& row, unsigned attempt = 1, std::stop_token stop = {});
    /// What became of the row; throws the error that the run would end with.
    Outcome outcome(const Row& row = {}, unsigned attempt = 1, std::stop_token stop = {});

    std::vector<std::string> log() const;

private:
    struct Log {
        std::mutex mutex;
        std::vector<std::string> lines;
    };
    std::shared_ptr<Log> log_ = std::make_shared<Log>();
    std::shared_ptr<engine::Action> action_;
};

/// A POST to the URL.
job::ActionSpec post_to(const std::string& url);

}  // namespace rowmill::test
