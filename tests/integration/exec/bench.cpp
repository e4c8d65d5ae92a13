#include "integration/exec/bench.hpp"

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace rowmill::test {
namespace {

engine::Batch batch_of(int id, const std::string& title) {
    static const auto shape = [] {
        Shape made;
        made.columns = {{"id", ValueType::integer}, {"title", ValueType::text}, {"note", ValueType::text}};
        made.key_columns = 1;
        return std::make_shared<const Shape>(made);
    }();
    const auto block = std::make_shared<Block>(shape);
    block->append(std::to_string(id));
    block->append(title);
    block->append_null();
    engine::Batch batch;
    batch.items = Items{block};
    batch.count = 1;
    return batch;
}

}  // namespace

Outcome Attempt::outcome() {
    if (answer_.wait_for(std::chrono::minutes{1}) != std::future_status::ready)
        throw std::runtime_error{"the action did not answer"};
    auto answer = answer_.get();
    if (const auto* error = std::get_if<Error>(&answer)) throw *error;
    const auto& outcome = std::get<engine::BatchOutcome>(answer);
    return outcome.named.empty() ? success() : outcome.named.at(0).second;
}

ExecBench::ExecBench() : folder_{std::filesystem::temp_directory_path() / ("rowmill-exec-" + mark_.value())} {
    std::filesystem::create_directories(folder_);
    outside.job.name = "previews";
    outside.job.action.kind = "exec";
    outside.job.action.env = {{Mark::name(), mark_.value()}, {"DIR", folder_}};
    outside.run = 12;
    outside.run_token = "token of the run";
    outside.log = [this](const std::string& line) {
        const std::lock_guard lock{mutex_};
        log_.push_back(line);
    };
}

ExecBench::~ExecBench() {
    finish();
    std::filesystem::remove_all(folder_);
}

void ExecBench::use_script(const std::string& script, bool ndjson) {
    std::string as_template;
    for (const char c : script) as_template += c == '{' || c == '}' ? std::string(2, c) : std::string(1, c);
    outside.job.action.command = {"/bin/sh", "-c", as_template};
    outside.job.action.ndjson = ndjson;
}

Attempt ExecBench::start(int id, unsigned attempt, std::string last_class, std::string title) {
    engine::Batch batch = batch_of(id, title);
    batch.attempt = attempt;
    batch.last_class = std::move(last_class);
    Attempt started;
    hand_over(started, batch);
    return started;
}

Attempt ExecBench::start_stopped(int id) {
    Attempt started;
    started.stop();
    hand_over(started, batch_of(id, "Emma"));
    return started;
}

void ExecBench::hand_over(Attempt& attempt, const engine::Batch& batch) {
    if (!action_) action_ = action::exec_action(outside, options);
    const auto promise = std::make_shared<std::promise<engine::Reply::Answer>>();
    attempt.answer_ = promise->get_future();
    action_->start(batch, {outside.run, attempt.stopping_.get_token()},
                   engine::Reply{[promise](engine::Reply::Answer given) { promise->set_value(std::move(given)); }});
}

Outcome ExecBench::run(int id, unsigned attempt, std::string last_class) {
    return start(id, attempt, std::move(last_class)).outcome();
}

std::pair<Outcome, unsigned> ExecBench::run_to_the_end(int id, unsigned max_attempts) {
    Outcome outcome;
    unsigned attempt = 0;
    do {
        outcome = run(id, ++attempt, outcome.error_class);
    } while (outcome.kind == Outcome::Kind::retry && attempt < max_attempts);
    return {outcome, attempt};
}

std::vector<std::string> ExecBench::log() const {
    const std::lock_guard lock{mutex_};
    return log_;
}

bool ExecBench::log_says(const std::string& text) const {
    const auto lines = log();
    return std::any_of(lines.begin(), lines.end(),
                       [&](const std::string& line) { return line.find(text) != std::string::npos; });
}

std::string ExecBench::file(const std::string& name) const {
    std::ifstream stream{folder_ / name};
    return {std::istreambuf_iterator<char>{stream}, {}};
}

}  // namespace rowmill::test
