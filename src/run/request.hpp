#pragma once

#include "db/connector.hpp"
#include "db/login.hpp"
#include "engine/lane.hpp"
#include "job/job.hpp"
#include "run/until.hpp"

#include <rowmill/error.hpp>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rowmill::run {

/// What an action whose work is the caller's own code is made from.
struct HandlerCall {
    std::uint64_t run = 0;
    std::string job, run_token;
    unsigned slots = 1;                            ///< items in flight at once, at most
    db::Connector target;                          ///< for sessions that a handler asks for
    job::Params params;
    std::vector<std::string> secrets;             ///< never to be shown or stored
    std::function<void(const std::string&)> log;  ///< thread-safe
};
using MakeHandler = std::function<std::shared_ptr<engine::Action>(const HandlerCall&)>;

/// What `rowmill run` was asked for.
struct Request {
    job::Job job;
    job::Params params;
    db::Endpoint login;  ///< the server that the command line and the option files name
    bool dry_run = false;
    bool restart = false;  ///< forget an unfinished run of the same job
    bool yes = false;      ///< without asking
    bool accept_changes = false;
    bool join = false;  ///< take part in the unfinished run that others work on; never begin one
    bool allow_full_scan = false;
    bool exit_on_pause = false;  ///< leave where the run is paused, rather than wait
    std::optional<std::uint64_t> canary;  ///< so many rows first, spread over the range; then the run pauses
    bool from_beginning = false;  ///< this once, although since = "last-run"
    std::optional<std::uint64_t> limit;
    std::set<std::string> given_settings;  ///< keys of [run] and [throttle] that the command line says: they win over live settings
    MakeHandler handler;        ///< for action.kind = "handler"
    std::uint64_t handler_items = 1;  ///< items to a call of it
    std::string definition;     ///< JSON: how to find the job again, stored with a new run
    struct Retry {
        std::uint64_t run = 0;
        std::string error_class;  ///< empty: every one
        std::vector<Key> keys;    ///< empty: every one
    };
    std::optional<std::uint64_t> resume;  ///< this run and no other, which must be unfinished; never begin one
    std::optional<Retry> retry;  ///< dead letters of a run, instead of the job's rows
    std::optional<std::chrono::milliseconds> run_time;  ///< then it stops, resumable
    std::optional<Until> until;                         ///< likewise
    /// Told of the run once it is known, before a row is worked on; absent: nobody asks.
    std::function<void(std::uint64_t run)> begun;
    /// What is done where calls that never return hold up the end of a run: the exit code is given, all is recorded, and the thread
    /// that works the run stays with them until they return. Called once. Absent: the process ends under them, there and then.
    std::function<void(int exit_code)> leave_behind;
};

/// The exit codes of design's command line.
struct ExitCode {
    static constexpr int succeeded = 0;
    static constexpr int failed = 1;
    static constexpr int usage = 2;
    static constexpr int dead_letters = 3;
    static constexpr int stopped = 4;
    static constexpr int cancelled = 5;
    static constexpr int unreachable = 69;
    static constexpr int busy = 75;
};

/// An unfinished run whose job, or table, is not what it was any more: it goes on only where that is accepted.
class JobChanged : public Error {
public:
    /// `found`: what has changed; `way_on`: what whoever asked may do about it.
    JobChanged(const std::string& found, const std::string& way_on) : Error{ErrorKind::refused, found + ". " + way_on}, found_{found} {}

    /// The sentence without a way on, for who has another one to tell.
    const std::string& found() const { return found_; }

private:
    std::string found_;
};

/// A run that cannot begin now because another process works on it: exit 75.
class Busy : public Error {
public:
    /// `way_on`: what whoever asked may do about it; empty: nothing but to wait.
    explicit Busy(const std::string& found, const std::string& way_on = {})
        : Error{ErrorKind::refused, way_on.empty() ? found : found + "; " + way_on}, found_{found} {}

    /// The sentence without a way on, for who has another one to tell.
    const std::string& found() const { return found_; }

private:
    std::string found_;
};

/// The exit code for an error that ended a run (`before_first_row`: what was found by then is the user's to mend).
int exit_code_of(const Error& error, bool before_first_row);

}  // namespace rowmill::run
