#include "action/coprocess.hpp"

#include "action/exec_verdict.hpp"
#include "action/ndjson.hpp"
#include "process/printable.hpp"

#include <algorithm>
#include <csignal>
#include <utility>

namespace rowmill::action {
namespace {

using process::Ending;

constexpr std::size_t longest_line = 1 << 20;
constexpr std::size_t longest_error_line = 4 << 10;
constexpr std::size_t shown_of_line = 200;
constexpr unsigned lines_logged_an_item = 50;
constexpr const char* died = "coprocess died";

std::string how(const Ending& ending) {
    if (ending.kind == Ending::Kind::lost) return ending.what;
    if (ending.kind == Ending::Kind::killed) return "signal " + signal_name(ending.number);
    return "exit " + std::to_string(ending.number);
}

Outcome retry_as(std::string reason, std::string error_class) {
    Outcome outcome = retry(std::move(reason));
    outcome.error_class = std::move(error_class);
    return outcome;
}

/// What becomes of a row whose coprocess died with it.
Outcome outcome_of_death(const std::string& how_it_ended, std::string_view last_words, std::string_view last_class) {
    std::string reason = "its coprocess died: " + how_it_ended;
    const std::string_view words = process::last_line(last_words);
    if (!words.empty()) reason += ": " + process::printable(words, 1000);
    if (last_class != died) return retry_as(std::move(reason), died);
    return failure("a second time in a row " + reason, died);
}

}  // namespace

Coprocess::Process::Process(Coprocess& owner)
    : output{longest_line, [&owner](std::string_view line, bool whole) { owner.heard(line, whole); }},
      errors{longest_error_line, [&owner](std::string_view line, bool whole) { owner.said(line, whole); }} {}

std::optional<Coprocess::Readiness> Coprocess::readiness() const {
    const std::size_t load = waiting_.size() + (process_ ? process_->held.size() : 0);
    if (load >= setting_.options.rows_a_coprocess) return {};
    if (delayed_ || (process_ && process_->ending)) return Readiness::later;
    return process_ ? Readiness::idle : Readiness::to_be_started;
}

void Coprocess::give(std::shared_ptr<CoprocessWork> work) {
    if (work->stop.stop_requested()) return settle(*work, retry_as("the run is leaving", "stopped"));
    waiting_.push_back(work);
    const std::weak_ptr<CoprocessWork> weak = work;
    // Called on whatever thread asks; what it leads to belongs to the launcher's.
    work->on_stop.emplace(work->stop, [this, weak] {
        setting_.launcher->post([this, weak] {
            if (const auto stopped = weak.lock()) stop(stopped);
        });
    });
    begin_waiting();
}

void Coprocess::begin_waiting() {
    if (waiting_.empty() || delayed_ || (process_ && process_->ending)) return;
    if (!process_) start_process();
    for (auto& work : std::exchange(waiting_, {})) send(std::move(work));
}

void Coprocess::start_process() {
    process_ = std::make_unique<Process>(*this);
    process::Listener listener;
    listener.output = [this](std::string_view bytes) { process_->output.append(bytes); };
    listener.errors = [this](std::string_view bytes) {
        process_->last_words.append(bytes);
        process_->errors.append(bytes);
    };
    listener.input_closed = [this](std::uint64_t taken) { input_closed(taken); };
    listener.ended = [this](const Ending& ending) { ended(ending); };
    process_->child = setting_.launcher->start(setting_.command, std::move(listener));
}

void Coprocess::send(std::shared_ptr<CoprocessWork> work) {
    const std::uint64_t id = ++process_->last_id;
    std::string line = work->request(id);
    process_->held[id] = {std::move(work), process_->written};
    process_->written += line.size();
    process_->lines_logged = 0;
    setting_.launcher->write(process_->child, std::move(line));
}

void Coprocess::heard(std::string_view line, bool whole) {
    if (process_->ending && process_->cause != Cause::closed_input) return;
    if (!whole) return heard_garbage(line, "it is longer than 1 MB");
    auto answer = parse_answer(line);
    if (const auto* wrong = std::get_if<std::string>(&answer)) return heard_garbage(line, *wrong);
    auto& good = std::get<NdjsonAnswer>(answer);
    answered(good.id, std::move(good.outcome));
}

void Coprocess::answered(std::uint64_t id, Outcome outcome) {
    const auto found = process_->held.find(id);
    if (found == process_->held.end()) {
        const bool again = id >= 1 && id <= process_->last_id;
        const std::string number = std::to_string(id);
        return setting_.log->say(again ? "a coprocess answered id " + number + " a second time; passed over"
                                       : "a coprocess answered id " + number +
                                             ", which it was not asked for; passed over");
    }
    const auto work = std::move(found->second.work);
    process_->held.erase(found);
    process_->has_answered = true;
    if (outcome.kind == Outcome::Kind::success) delay_ = {};
    outcome.reason = process::printable(setting_.log->masked(outcome.reason), 1000);
    outcome.error_class = process::printable(setting_.log->masked(outcome.error_class), 190);
    settle(*work, std::move(outcome));
    if (process_->taken) end_if_unasked();
    freed_();
}

void Coprocess::heard_garbage(std::string_view line, const std::string& wrong) {
    const std::string held =
        process_->held.empty() ? "" : "key " + process_->held.begin()->second.work->subject.key + ": ";
    setting_.log->say(held + "a coprocess wrote a line that is no answer, as " + wrong + ": " +
                      process::printable(setting_.log->masked_line(line, true), shown_of_line));
    end_process(Cause::garbage);
}

void Coprocess::said(std::string_view line, bool whole) {
    if (++process_->lines_logged > lines_logged_an_item + 1) return;
    const std::string text = process_->lines_logged > lines_logged_an_item
                                 ? "(more was left out)"
                                 : process::printable(setting_.log->masked_line(line, whole), longest_error_line);
    if (process_->held.empty()) return setting_.log->say("coprocess: stderr: " + text);
    setting_.log->said(process_->held.begin()->second.work->subject, text);
}

void Coprocess::input_closed(std::uint64_t taken) {
    if (process_->ending) return;
    process_->ending = true;
    process_->cause = Cause::closed_input;
    process_->taken = taken;
    end_if_unasked();
}

/// Ends a coprocess that has closed its stdin, where it has answered all that it had read. Most are ending by
/// themselves.
void Coprocess::end_if_unasked() {
    const bool is_asked = std::any_of(process_->held.begin(), process_->held.end(),
                                      [&](const auto& entry) { return *process_->taken > entry.second.begins_at; });
    if (!is_asked) setting_.launcher->stop(process_->child, setting_.options.grace);
}

void Coprocess::stop(const std::shared_ptr<CoprocessWork>& work) {
    const auto waits = std::find(waiting_.begin(), waiting_.end(), work);
    if (waits != waiting_.end()) {
        waiting_.erase(waits);
        settle(*work, retry_as("no coprocess was there for it in time", "stopped"));
        freed_();
        return;
    }
    if (!process_) return;
    const bool is_held = std::any_of(process_->held.begin(), process_->held.end(),
                                     [&](const auto& entry) { return entry.second.work == work; });
    if (is_held) end_process(Cause::stopped);
}

void Coprocess::end_process(Cause cause) {
    if (process_->ending && process_->cause != Cause::closed_input) return;
    process_->ending = true;
    process_->cause = cause;
    setting_.launcher->stop(process_->child, setting_.options.grace);
}

void Coprocess::ended(const Ending& ending) {
    process_->errors.finish();
    const auto process = std::move(process_);
    if (process->cause != Cause::stopped) delay_restart();
    const bool left_by_itself = ending.kind == Ending::Kind::exited && ending.number == 0;
    if (process->held.empty() && !process->ending && !left_by_itself)
        setting_.log->say("a coprocess without work died: " + how(ending));
    for (auto& [id, held] : process->held) dispose(*process, ending, std::move(held));
    begin_waiting();
    freed_();
}

/// What becomes of a row that an ended process held.
void Coprocess::dispose(Process& process, const Ending& ending, Held held) {
    CoprocessWork& work = *held.work;
    if (work.stop.stop_requested()) return settle(work, retry_as("it was told to end: " + how(ending), "stopped"));
    if (ending.kind == Ending::Kind::lost) return settle(work, retry_as(ending.what, "supervisor"));
    if (ending.kind == Ending::Kind::not_started) {
        if (!is_the_commands_fault(ending)) return settle(work, retry_as(why_not_started(ending), "start"));
        return work.reply.fail({ErrorKind::fatal, setting_.log->masked(why_not_started(ending))});
    }
    const bool unread = ending.input_taken <= held.begins_at;
    if (process.cause == Cause::stopped || (unread && process.has_answered)) return waiting_.push_back(held.work);
    if (process.cause == Cause::garbage)
        return settle(work, retry_as("its coprocess wrote what is no answer", "protocol"));
    // One that was leaving by itself says more than that we ended it.
    const bool was_ended = process.cause == Cause::closed_input && ending.kind == Ending::Kind::killed &&
                           (ending.number == SIGTERM || ending.number == SIGKILL);
    const std::string reason = was_ended ? "it closed its stdin" : how(ending);
    settle(work, outcome_of_death(reason, setting_.log->masked(process.last_words), work.last_class));
}

void Coprocess::delay_restart() {
    delay_ = std::clamp(delay_ * 2, setting_.options.restart_first, setting_.options.restart_cap);
    delayed_ = true;
    setting_.launcher->post_after(delay_, [this] {
        delayed_ = false;
        begin_waiting();
    });
}

void Coprocess::settle(CoprocessWork& work, Outcome outcome) {
    work.on_stop.reset();
    outcome.reason = setting_.log->masked(outcome.reason);
    setting_.log->settled(work.subject, outcome);
    work.reply.answer(outcome_of_one(std::move(outcome)));
}

}  // namespace rowmill::action
