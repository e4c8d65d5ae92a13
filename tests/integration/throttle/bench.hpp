#pragma once

#include "support/server.hpp"
#include "support/trial.hpp"

#include <chrono>
#include <initializer_list>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::test {

/// Makes the table `t` (id 1 … rows, n = 0: how often a row was changed) in the session's database.
void fill(db::Session& session, unsigned rows);

/// A job that counts up `n`, in batches of 20 and by one worker. `throttle` is what [throttle] says.
std::string counting_job(const std::string& throttle, const std::string& run = {});

/// Claims that `rowmill VERB ARGUMENTS…` succeeds.
void check_command(const Trial& trial, const std::string& verb, const std::vector<std::string>& arguments);

/// A schema with the table, and the job.
class Throttled {
public:
    explicit Throttled(const std::string& throttle, const std::string& run = {}, unsigned rows = 2000);

    Schema schema;
    const unsigned rows;
    const Trial trial;

    /// Lets the run go as fast as it can: it was held back, for something to happen while it is on.
    void hurry() const { check_command(trial, "set", {"1", "rate=0"}); }
    std::uint64_t changed() { return std::stoull(schema.scalar("SELECT COALESCE(SUM(n), 0) FROM t")); }
    bool is_each_once() { return schema.scalar("SELECT COUNT(*) FROM t WHERE n = 1") == std::to_string(rows); }
};

/// Claims how a run ended, and that stderr holds all these parts.
void check_end(const Finished& finished, std::string_view how, std::initializer_list<std::string_view> parts = {});

}  // namespace rowmill::test
