#pragma once

#include <rowmill/value.hpp>

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace rowmill::job {

using std::chrono::milliseconds;

struct ParamSpec {
    enum class Type : std::uint8_t { integer, number, string, boolean, date, choice };

    std::string name;
    Type type = Type::string;
    std::string description;
    bool required = false;
    bool secret = false;
    std::optional<std::string> default_text;
    std::vector<std::string> choices;
    std::optional<double> min, max;
};

struct SourceSpec {
    enum class Sacks : std::uint8_t { rows, width };
    enum class Order : std::uint8_t { ascending, descending };
    struct Settle {  ///< how long to wait for ids below the bound
        bool automatic = true;
        milliseconds fixed{0};
    };

    std::string kind = "table";
    std::string schema, table;  ///< schema empty: the connection's database
    std::string where;          ///< the filter; empty: every row
    std::vector<std::string> columns;
    Sacks sacks = Sacks::rows;
    std::string key_index;              ///< empty: the primary key
    std::vector<std::string> from, to;  ///< key bounds, both included, leading columns may do
    std::vector<std::string> partitions;
    Order order = Order::ascending;
    Settle settle;
};

struct ActionSpec {
    enum class ExpectRows : std::uint8_t { any, batch };

    std::string kind = "none";  ///< sql | exec | http | handler (a C++ function's) | none
    std::vector<std::string> statements;
    std::optional<bool> lock;
    ExpectRows expect_rows = ExpectRows::any;
    bool fail_on_warnings = true;
    bool at_least_once = false;
    std::string dsn;

    // exec: texts with {column} and {:param} in them, see job/item_template.hpp. Those of coprocesses name no columns.
    std::vector<std::string> command;
    bool ndjson = false;  ///< protocol = "ndjson": coprocesses that are spoken to by lines
    std::vector<std::pair<std::string, std::string>> env;

    // http: likewise
    std::string method = "POST", url, body;
    std::vector<std::pair<std::string, std::string>> headers;
    unsigned per_host = 16;  ///< requests to one host at once

    /// What each ${NAME} in these stood for when the job was read: never to be shown. The longest first.
    std::vector<std::string> secrets;
    /// The same texts as they were written, by name ("command 1", "header Accept"), for the fingerprint.
    std::vector<std::pair<std::string, std::string>> written;
};

struct SessionSpec {
    std::optional<std::string> time_zone, sql_mode, isolation;
    std::optional<milliseconds> lock_wait_timeout, innodb_lock_wait_timeout;
    std::map<std::string, std::string> set;
};

struct MaxFailures {  ///< a number, or a share of the items tried
    std::optional<std::uint64_t> number;
    double share = 0.01;
    std::uint64_t min_tried = 1000;
};

struct RunSpec {
    unsigned workers = 4;
    unsigned concurrency = 64;
    std::uint64_t batch = 500;
    bool batch_given = false;       ///< said by the job file or a flag
    milliseconds target_time{200};  ///< 0: the size is fixed
    double rate = 0;                ///< items a second, 0: unlimited
    unsigned max_attempts = 5;
    milliseconds backoff_first{100}, backoff_cap{30000};
    MaxFailures max_failures;
    milliseconds timeout{120000};
    std::uint64_t sack_rows = 50000;
    bool sack_rows_given = false;   ///< else a table too small for it is cut finer, so that all workers have some
    std::uint64_t page_bytes = 8 << 20;
    milliseconds checkpoint_interval{1000};
    std::uint64_t checkpoint_items = 1000;
    bool checkpoint_items_given = false;  ///< else what only reads, and repeats nothing, goes by the interval alone
    milliseconds lease{30000};
    milliseconds reconnect_for{600000};
};

/// What to do: a source, an action, and how. Made by `read_job` from a file, from flags, or in C++;
/// valid by construction of those. Immutable afterwards.
struct Job {
    std::string name;
    std::string description;
    bool once = false;
    std::vector<ParamSpec> params;
    SourceSpec source;
    ActionSpec action;
    SessionSpec session;
    RunSpec run;
    std::string store_dsn;
    std::string store_schema = "rowmill";
    std::string file;  ///< where it was read from; empty for an ad-hoc job

    const ParamSpec* find_param(std::string_view name) const;
};

/// The parameters of a run, by name, checked against the job's specifications. A parameter that was
/// not given and has no default is NULL.
using Params = std::map<std::string, Value, std::less<>>;

}  // namespace rowmill::job
