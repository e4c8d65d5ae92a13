#include "action/exec_verdict.hpp"

#include "process/printable.hpp"

#include <cerrno>
#include <cstring>

namespace rowmill::action {
namespace {

using process::Ending;

constexpr int exit_skip = 64;   // EX_USAGE of sysexits.h
constexpr int exit_retry = 75;  // EX_TEMPFAIL
constexpr std::size_t longest_reason = 1000;

std::string reason_of(const Remains& remains, const std::string& otherwise) {
    std::string_view line = process::last_line(remains.errors);
    if (line.empty()) line = process::last_line(remains.output);
    return line.empty() ? otherwise : process::printable(line, longest_reason);
}

Outcome with_class(Outcome outcome, std::string error_class) {
    outcome.error_class = std::move(error_class);
    return outcome;
}

Outcome exited(const Remains& remains) {
    const int code = remains.ending.number;
    const std::string name = "exit " + std::to_string(code);
    if (code == 0) return success();
    if (code == exit_skip) return skip(reason_of(remains, {}));
    if (code == exit_retry) return with_class(retry(reason_of(remains, "asked to be run again")), name);
    return failure(reason_of(remains, "said nothing"), name);
}

Outcome killed(const Remains& remains) {
    const std::string name = "signal " + signal_name(remains.ending.number);
    const std::string reason = reason_of(remains, "killed by " + name);
    if (remains.last_class.starts_with("signal ")) return failure(reason, name);
    return with_class(retry(reason), name);
}

std::variant<Outcome, Error> not_started(const Remains& remains) {
    const std::string reason = why_not_started(remains.ending);
    if (remains.ending.number == E2BIG) return failure(reason, "start");
    if (!is_the_commands_fault(remains.ending)) return with_class(retry(reason), "start");
    if (remains.program_is_the_rows) return failure(reason, "start");
    return Error{ErrorKind::fatal, reason};
}

}  // namespace

std::variant<Outcome, Error> judge(const Remains& remains) {
    switch (remains.ending.kind) {
        case Ending::Kind::exited:
            return exited(remains);
        case Ending::Kind::killed:
            return killed(remains);
        case Ending::Kind::lost:
            return with_class(retry(remains.ending.what), "supervisor");
        case Ending::Kind::not_started:
            break;
    }
    return not_started(remains);
}

std::string why_not_started(const Ending& ending) {
    const std::string command = "can't start " + process::printable(ending.what, 200) + ": ";
    switch (ending.number) {
        case ENOENT:
            return command +
                   "there is no such command, or its first line names an interpreter that is not there; write its "
                   "path from the folder that rowmill runs in, or a name to be found in PATH";
        case EACCES:
            return command + "it may not be executed; chmod +x it";
        case ENOEXEC:
            return command + "it is no program; a script begins with a line like #!/bin/sh";
        case E2BIG:
            return command + "its arguments and environment are too long";
        case EMFILE:
        case ENFILE:
            return command + "no descriptors are left; raise ulimit -n, or lower concurrency";
        case EAGAIN:
            return command + "no more processes are allowed; raise ulimit -u, or lower concurrency";
        default:
            return command + std::strerror(ending.number);
    }
}

bool is_the_commands_fault(const Ending& ending) {
    switch (ending.number) {
        case EAGAIN:
        case ENOMEM:
        case EMFILE:
        case ENFILE:
        case ETXTBSY:
        case EIO:
        case E2BIG:
            return false;
        default:
            return true;
    }
}

std::string signal_name(int number) {
    const char* name = ::sigabbrev_np(number);
    return name == nullptr ? std::to_string(number) : name;
}

}  // namespace rowmill::action
