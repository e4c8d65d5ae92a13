#include "action/exec_log.hpp"

namespace rowmill::action {

void ExecLog::settled(const Subject& subject, const Outcome& outcome) const {
    if (outcome.kind == Outcome::Kind::success) return;
    const std::string what = !outcome.error_class.empty()           ? outcome.error_class
                             : outcome.kind == Outcome::Kind::skip  ? "skipped"
                             : outcome.kind == Outcome::Kind::retry ? "to be tried again"
                                                                    : "failed";
    std::string line = "key " + subject.key + ": " + what + ", attempt " + std::to_string(subject.attempt);
    if (!outcome.reason.empty()) line += ": " + outcome.reason;
    say(line);
}

void ExecLog::said(const Subject& subject, const std::string& what) const {
    say("key " + subject.key + ": stderr, attempt " + std::to_string(subject.attempt) + ": " + what);
}

std::string ExecLog::masked(const process::Tail& tail) const {
    return tail.is_cut() ? masking_.without_beginning(tail.text()) : masking_(std::string{tail.text()});
}

std::string ExecLog::masked_line(std::string_view line, bool whole) const {
    return whole ? masking_(std::string{line}) : masking_.without_end(line);
}

void ExecLog::say(const std::string& line) const {
    if (log_) log_(masking_(line));
}

}  // namespace rowmill::action
