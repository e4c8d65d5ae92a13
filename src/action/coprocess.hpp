#pragma once

#include "action/exec.hpp"
#include "action/exec_log.hpp"
#include "process/launcher.hpp"
#include "process/lines.hpp"
#include "process/tail.hpp"

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>

namespace rowmill::action {

/// A row that is with a coprocess, or waits for one.
struct CoprocessWork {
    Subject subject;
    std::string last_class;
    std::function<std::string(std::uint64_t id)> request;  ///< the line that asks for it
    std::stop_token stop;
    engine::Reply reply;
    std::optional<std::stop_callback<std::function<void()>>> on_stop{};
};

/// What all coprocesses of an action have in common. Outlives them.
struct CoprocessSetting {
    process::Launcher* launcher = nullptr;
    process::Command command;
    const ExecLog* log = nullptr;
    ExecOptions options;
};

/// One coprocess after another in a slot: started when there is work, again with a growing delay when it died. Used on
/// the launcher's thread.
///
/// It dies: what it held is to be tried again, class "coprocess died", and a row that was so twice in a row is a
/// failure. But what it had not begun to read goes to the next one as if nothing had happened, if it had ever answered.
/// It talks garbage: it is ended, and what it held is to be tried again, class "protocol".
/// It closes its stdin: it is ended once it has answered what it had read.
/// A row's time is up: it is ended, and the next one is started without delay.
class Coprocess {
public:
    /// `freed` is called whenever there is room for more work.
    Coprocess(const CoprocessSetting& setting, std::function<void()> freed)
        : setting_{setting}, freed_{std::move(freed)} {}

    /// How soon work would be begun, the least first; absent where there is no room for it.
    enum class Readiness : std::uint8_t { idle, to_be_started, later };
    std::optional<Readiness> readiness() const;
    void give(std::shared_ptr<CoprocessWork> work);

private:
    enum class Cause : std::uint8_t { died, garbage, stopped, closed_input };
    struct Held {
        std::shared_ptr<CoprocessWork> work;
        std::uint64_t begins_at = 0;  ///< where its line begins in what was written
    };
    /// One life.
    struct Process {
        explicit Process(Coprocess& owner);

        process::ChildId child = 0;
        process::Lines output, errors;
        process::Tail last_words{4 << 10};
        std::map<std::uint64_t, Held> held{};  ///< by id
        std::uint64_t last_id = 0, written = 0;
        std::optional<std::uint64_t> taken{};  ///< how much of it was read, once its stdin is closed
        bool has_answered = false;
        bool ending = false;  ///< nothing more is given to it
        Cause cause = Cause::died;
        unsigned lines_logged = 0;
    };

    void begin_waiting();
    void start_process();
    void send(std::shared_ptr<CoprocessWork> work);
    void heard(std::string_view line, bool whole);
    void answered(std::uint64_t id, Outcome outcome);
    void heard_garbage(std::string_view line, const std::string& wrong);
    void said(std::string_view line, bool whole);
    void input_closed(std::uint64_t taken);
    void end_if_unasked();
    void stop(const std::shared_ptr<CoprocessWork>& work);
    void end_process(Cause cause);
    void ended(const process::Ending& ending);
    void dispose(Process& process, const process::Ending& ending, Held held);
    void delay_restart();
    void settle(CoprocessWork& work, Outcome outcome);

    const CoprocessSetting& setting_;
    std::function<void()> freed_;
    std::unique_ptr<Process> process_;
    std::deque<std::shared_ptr<CoprocessWork>> waiting_;  ///< for a process
    std::chrono::milliseconds delay_{0};
    bool delayed_ = false;
};

}  // namespace rowmill::action
