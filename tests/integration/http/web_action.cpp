#include "web_action.hpp"

#include "web_client.hpp"

namespace rowmill::test {
namespace {

engine::Batch batch_of(const Row& row, unsigned attempt) {
    static const auto shape = std::make_shared<const Shape>(
        Shape{{{"id", ValueType::integer}, {"title", ValueType::text}, {"amount", ValueType::decimal}}, 1});
    auto block = std::make_shared<Block>(shape);
    block->append(std::to_string(row.id));
    for (const auto& cell : {row.title, row.amount}) cell ? block->append(*cell) : block->append_null();
    engine::Batch batch;
    batch.items = Items{std::move(block)};
    batch.count = 1;
    batch.attempt = attempt;
    return batch;
}

}  // namespace

WebAction::WebAction(const job::ActionSpec& spec, const std::vector<std::pair<job::ParamSpec, Value>>& params) {
    action::Outside outside;
    outside.job.action = spec;
    for (const auto& [declared, value] : params) {
        outside.job.params.push_back(declared);
        outside.params[declared.name] = value;
    }
    outside.run = 7;
    outside.run_token = "0123456789abcdef";
    outside.slots = 64;
    outside.log = [log = log_](const std::string& line) {
        const std::lock_guard lock{log->mutex};
        log->lines.push_back(line);
    };
    action_ = action::http_action(outside);
}

engine::Reply::Answer WebAction::answer(const Row& row, unsigned attempt, std::stop_token stop) {
    auto promise = std::make_shared<std::promise<engine::Reply::Answer>>();
    auto answer = promise->get_future();
    engine::Reply reply{[promise](engine::Reply::Answer said) { promise->set_value(std::move(said)); }};
    action_->start(batch_of(row, attempt), {.run = 7, .stop = std::move(stop)}, std::move(reply));
    return within_time(answer);
}

Outcome WebAction::outcome(const Row& row, unsigned attempt, std::stop_token stop) {
    const engine::Reply::Answer said = answer(row, attempt, std::move(stop));
    if (const auto* error = std::get_if<Error>(&said)) throw *error;
    const auto& named = std::get<engine::BatchOutcome>(said).named;
    return named.empty() ? success() : named.at(0).second;
}

std::vector<std::string> WebAction::log() const {
    const std::lock_guard lock{log_->mutex};
    return log_->lines;
}

job::ActionSpec post_to(const std::string& url) {
    job::ActionSpec spec;
    spec.kind = "http";
    spec.url = url;
    return spec;
}

}  // namespace rowmill::test
