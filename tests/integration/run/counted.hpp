#pragma once

#include "support/server.hpp"
#include "support/trial.hpp"

#include <cstdint>
#include <initializer_list>
#include <string>
#include <string_view>

namespace rowmill::test {

/// A schema with a table `t` (id 7, 14, …; code: a string as unique as the id; n = 0: how often a row was changed), and
/// a job "count" over it. What differs from job to job is given as lines of TOML.
class Counted {
public:
    explicit Counted(std::uint64_t rows = 4000);

    Schema schema;
    const std::uint64_t rows;

    /// `SET n = n + 1 WHERE CONDITION`, in batches of 50 and sacks of 500 rows, by 3 workers.
    static std::string job(const std::string& condition = ":batch", const std::string& source = {},
                           const std::string& run = {}, const std::string& job = {});
    Trial trial(const std::string& job) const { return Trial{schema.dsn(), schema.store_name(), job}; }

    /// How many rows were changed how often: "0: 10, 1: 3990".
    std::string counts();
    std::string each_once() const { return "1: " + std::to_string(rows); }
    std::uint64_t changed();
    /// Begins a run and kills it in the middle.
    void begin(const Trial& trial);
};

/// Claims how a run ended, and that stderr holds all these parts.
void check_end(const Finished& finished, std::string_view how, std::initializer_list<std::string_view> parts = {});

std::string text_of(const boost::json::object& status, std::string_view name);

}  // namespace rowmill::test
