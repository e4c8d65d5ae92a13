#pragma once

#include "db/connector.hpp"
#include "job/read.hpp"
#include "run/request.hpp"
#include "store/store.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::run {

/// A run that is told something from outside, through the store that its workers look at. What is asked returns a sentence that says
/// what came of it, and throws Error{usage} where the run is past it. One thread at a time.
class Steering {
public:
    /// Whether the run has been asked for something by now: of what is thrown it depends what is to be said.
    enum class Asked : std::uint8_t { no, maybe, yes };

    /// Connects. Throws Error{usage} where there is no such run.
    Steering(db::Connector connector, std::string schema, store::RunId run);

    Asked asked() const { return asked_; }

    /// Its workers finish what is in flight, and begin nothing new.
    std::string pause();
    /// For good. Workers that do not answer within three seconds are taken off the list: they can record nothing more.
    std::string cancel();
    /// Checked before anything is stored: a worker could only say that it can't.
    std::string set(const job::Overrides& wanted);

    struct Resumed {
        std::string sentence;                     ///< empty where it is to be worked here
        std::optional<std::string> definition{};  ///< nobody works on it: how to find its job, for who works it here
    };
    /// Its live workers go on. Those that are about to leave are waited for; throws Busy where they take long.
    Resumed resume();

private:
    std::string name() const { return "run " + std::to_string(id_); }
    store::RunRecord run();
    std::vector<store::WorkerRecord> live_workers();
    /// Whether there is a live worker that is not about to leave, as far as they have told.
    bool is_worked_on();
    std::string ask_for_state(const std::string& desired_state);
    void store_settings(const job::Overrides& wanted);
    /// Its last workers leave: the run goes on here when they have.
    Resumed take_over(const std::string& definition);
    Error past(const std::string& state, const std::string& verb) const;

    /// Waits up to two seconds until every live worker has taken up what it is asked for by now. Says how many have, and how
    /// many have not: "its 2 workers have taken it up". Empty where there are none.
    std::string wait_until_taken_up();
    /// Waits up to three seconds until no live worker is left, and returns those that are.
    std::vector<store::WorkerRecord> wait_until_left();

    db::Connector connector_;
    std::unique_ptr<db::Session> session_;
    std::unique_ptr<store::Store> store_;
    store::RunId id_;
    Asked asked_ = Asked::no;
};

/// A run's dead letters of a class (empty: of all) and, where keys are given as people see them, with one of these. Throws
/// Error{usage} for a key that is none of its table.
Request::Retry retry_of(const store::RunRecord& run, const std::string& error_class, const std::vector<std::string>& keys);

}  // namespace rowmill::run
