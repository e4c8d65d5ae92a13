#pragma once

#include "action/exec.hpp"
#include "support/marked.hpp"

#include <rowmill/error.hpp>

#include <filesystem>
#include <future>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <vector>

namespace rowmill::test {

/// One attempt of one row that is under way.
class Attempt {
public:
    /// Asks it to give up, as the engine does when its time is up.
    void stop() { stopping_.request_stop(); }
    bool is_answered() const { return answer_.wait_for(std::chrono::seconds{0}) == std::future_status::ready; }
    /// What the action answered; throws its Error, or std::runtime_error after a minute.
    Outcome outcome();

private:
    friend class ExecBench;
    std::stop_source stopping_;
    std::future<engine::Reply::Answer> answer_;
};

/// An exec action, given rows as an engine would, and a folder for what its commands write. A row is an id, a title and
/// a NULL.
class ExecBench {
public:
    ExecBench();
    ~ExecBench();

    /// Sets the command, run by /bin/sh; $DIR is the bench's folder.
    void use_script(const std::string& script, bool ndjson = false);

    /// What the action is made of, with the first row.
    action::ExecOptions options;
    action::Outside outside;

    Attempt start(int id, unsigned attempt = 1, std::string last_class = {}, std::string title = "Emma");
    /// Of a row whose time was up before.
    Attempt start_stopped(int id);
    Outcome run(int id, unsigned attempt = 1, std::string last_class = {});
    /// All attempts of a row until it is settled, at most `max_attempts`; the outcome of the last, and how many.
    std::pair<Outcome, unsigned> run_to_the_end(int id, unsigned max_attempts = 5);
    /// Tells the action, which has had a row, that so many rows may be with it at once from now on.
    std::uint64_t make_room(std::uint64_t rows) { return action_->make_room(rows); }
    /// Lets go of the action, as a run does at its end.
    void finish() { action_.reset(); }

    std::vector<std::string> log() const;
    bool log_says(const std::string& text) const;
    std::filesystem::path folder() const { return folder_; }
    std::string file(const std::string& name) const;
    /// The processes of the action: not its supervisor.
    std::vector<pid_t> processes() const { return mark_.processes(); }

private:
    void hand_over(Attempt& attempt, const engine::Batch& batch);

    Mark mark_;
    std::filesystem::path folder_;
    mutable std::mutex mutex_;
    std::vector<std::string> log_;
    std::shared_ptr<engine::Action> action_;
};

/// Shell: reads a line of a coprocess's stdin, and sets `id`. False at the end.
inline const std::string next_row = R"(next() { IFS= read -r line || return 1; id=${line#*:}; id=${id%%,*}; }; )";
/// Shell: `answer OUTCOME REASON` for `id`.
inline const std::string answer_row =
    R"(answer() { printf '{"id":%s,"outcome":"%s","reason":"%s"}\n' "$id" "$1" "$2"; }; )";

}  // namespace rowmill::test
