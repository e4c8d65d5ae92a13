#pragma once

#include "db/session.hpp"
#include "run/request.hpp"

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::run {

/// What a run of a job would do, found out without writing anything.
struct Plan {
    std::string server, table, key, filter, bound;
    std::uint64_t estimated_rows = 0;
    std::string promise;     ///< exactly once, at least once, reads only
    std::string work;        ///< a command or a request, as it was written; empty for SQL
    std::string page_query;  ///< as it would be sent
    std::vector<std::string> page_plan;   ///< the lines of its EXPLAIN
    std::vector<std::string> statements;  ///< as they would be sent for the first rows
    std::vector<std::string> sacks;       ///< the first ones, for people
    std::string unfinished;               ///< the run that would be resumed; empty: none
    struct Change {  ///< a row that the sample would change
        std::string key;
        std::vector<std::pair<std::string, std::pair<std::string, std::string>>> columns;  ///< name, before, after
    };
    std::vector<Change> sample;
    std::uint64_t sampled = 0;
};

/// Throws like `prepare` and `check_plans`. With `sample`, the action is done on the first so many rows in a transaction that is
/// rolled back; refused where the action can't be rolled back.
Plan make_plan(const Request& request, std::uint64_t sample);

}  // namespace rowmill::run
