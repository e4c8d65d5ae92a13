#include "action/exec.hpp"

#include "action/exec_command.hpp"
#include "action/exec_log.hpp"
#include "action/exec_ndjson.hpp"
#include "action/exec_verdict.hpp"
#include "http/descriptors.hpp"
#include "process/tail.hpp"

#include <algorithm>
#include <optional>
#include <stop_token>

namespace rowmill::action {
namespace {

constexpr std::size_t kept_of_output = 64 << 10, kept_of_errors = 4 << 10;

Outcome stopped(std::string reason) {
    Outcome outcome = retry(std::move(reason));
    outcome.error_class = "stopped";
    return outcome;
}

/// One process while it runs. Used on the launcher's thread.
struct Call {
    Subject subject;
    std::string last_class;
    process::Command command;
    std::stop_token stop;
    engine::Reply reply;
    process::Tail output{kept_of_output}, errors{kept_of_errors};
    std::optional<std::stop_callback<std::function<void()>>> on_stop{};
};

/// One process a row.
class ExecAction : public engine::Action {
public:
    ExecAction(const Outside& outside, ExecOptions options)
        : options_{std::move(options)},
          run_token_{outside.run_token},
          command_{outside},
          log_{outside},
          launcher_{options_.launcher} {}

    engine::Where runs_on() const override { return engine::Where::io; }
    std::uint64_t make_room(std::uint64_t items) override { return room_for_children(items); }
    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override;

private:
    void begin(const std::shared_ptr<Call>& call);
    void ended(Call& call, const process::Ending& ending) const;
    void settle(Call& call, Outcome outcome) const;

    const ExecOptions options_;
    const std::string run_token_;
    const CommandTemplate command_;
    const ExecLog log_;
    process::Launcher launcher_;
};

void ExecAction::start(const engine::Batch& batch, engine::Context context, engine::Reply reply) {
    const Item item = batch.items[0];
    const Key key = item.key();
    const auto call = std::make_shared<Call>();
    call->subject = {display(key), batch.attempt};
    call->last_class = batch.last_class;
    call->stop = std::move(context.stop);
    call->reply = std::move(reply);
    try {
        call->command = command_.render(item);
    } catch (const Error& error) {
        if (error.kind() != ErrorKind::row) throw;
        return settle(*call, failure(error.what(), "template"));
    }
    for (std::string& variable : environment_of_item(key, batch.attempt, idempotency_token(run_token_, key)))
        call->command.environment.push_back(std::move(variable));
    launcher_.post([this, call] { begin(call); });
}

void ExecAction::begin(const std::shared_ptr<Call>& call) {
    if (call->stop.stop_requested()) return settle(*call, stopped("the run is leaving"));
    process::Listener listener;
    listener.output = [call](std::string_view bytes) { call->output.append(bytes); };
    listener.errors = [call](std::string_view bytes) { call->errors.append(bytes); };
    listener.ended = [this, call](const process::Ending& ending) { ended(*call, ending); };
    const auto child = launcher_.start(std::move(call->command), std::move(listener));
    call->on_stop.emplace(call->stop, [this, child] { launcher_.stop(child, options_.grace); });
}

void ExecAction::ended(Call& call, const process::Ending& ending) const {
    const bool was_stopped = call.stop.stop_requested();
    call.on_stop.reset();
    const std::string output = log_.masked(call.output), errors = log_.masked(call.errors);
    auto verdict = judge({ending, output, errors, call.last_class, command_.names_program_by_row()});
    if (const auto* error = std::get_if<Error>(&verdict))
        return call.reply.fail({error->kind(), log_.masked(error->what())});
    auto outcome = std::get<Outcome>(std::move(verdict));
    // What a command says that was told to end tells nothing of its row.
    if (was_stopped && outcome.kind != Outcome::Kind::success) outcome = stopped(std::move(outcome.reason));
    settle(call, std::move(outcome));
}

void ExecAction::settle(Call& call, Outcome outcome) const {
    outcome.reason = log_.masked(outcome.reason);
    log_.settled(call.subject, outcome);
    call.reply.answer(outcome_of_one(std::move(outcome)));
}

/// Else rows would be given up for what is no fault of theirs.
void check_descriptors(unsigned slots) {
    const std::uint64_t room = room_for_children(slots);
    if (room < slots)
        throw Error{ErrorKind::usage, "concurrency = " + std::to_string(slots) + " needs more open descriptors than this process may have, which do for " +
                                          std::to_string(room) + "; raise ulimit -n, or lower concurrency"};
}

}  // namespace

std::uint64_t room_for_children(std::uint64_t wanted) {
    constexpr std::uint64_t ends = 6;     // of three pipes: the child's are ours too until it was started
    constexpr std::uint64_t others = 64;  // sessions with the server, logs, the threads' own
    const std::uint64_t allowed = http::allow_descriptors(ends * wanted + others);
    return std::clamp<std::uint64_t>(allowed > others ? (allowed - others) / ends : 0, 1, wanted);
}

engine::BatchOutcome outcome_of_one(Outcome outcome) {
    engine::BatchOutcome answer;
    if (outcome.kind != Outcome::Kind::success) answer.named.emplace_back(0, std::move(outcome));
    return answer;
}

std::shared_ptr<engine::Action> exec_action(const Outside& outside, ExecOptions options) {
    check_descriptors(std::max(1U, outside.slots));
    if (outside.job.action.ndjson) return ndjson_action(outside, std::move(options));
    return std::make_shared<ExecAction>(outside, std::move(options));
}

std::shared_ptr<engine::Action> exec_action(const Outside& outside) {
    return exec_action(outside, {});
}

}  // namespace rowmill::action
