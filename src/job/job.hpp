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
    bool since_last_run = false;  ///< begins above the bound of the last run that succeeded
    bool monotonic = false;       ///< said by the job: keys only ever grow, though the server does not make them
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
    unsigned concurrency = 64;          ///< where it adapts: the most it may become
    bool concurrency_given = false;     ///< else of lanes in transactions all are at work at once
    bool adaptive_concurrency = false;  ///< concurrency = "auto": within min_concurrency and max_concurrency
    unsigned min_concurrency = 1, max_concurrency = 256;
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

/// A status variable of the server and how high it may be: "Threads_running=25".
struct LoadLimit {
    std::string variable;
    double limit = 0;

    bool operator==(const LoadLimit&) const = default;
};

/// Reasons to wait. What is not given is off.
struct ThrottleSpec {
    std::optional<milliseconds> max_lag;
    std::vector<std::string> replicas;         ///< DSNs or host:port; empty: found from the server
    std::vector<std::string> ignore_replicas;  ///< host, or host:port
    std::string heartbeat;                     ///< [schema.]table as pt-heartbeat writes it; empty: the server's own figure
    std::vector<LoadLimit> max_load, critical_load;
    std::string query;      ///< one number: above 0 waits
    std::string flag_file;  ///< waits while it is there
    std::string window;     ///< "01:00-05:00" or "01:00-05:00 Europe/Berlin": works only inside it
    std::string http;       ///< a URL: waits unless it answers 2xx
    double nice = 0;        ///< seconds of rest for each second of work

    bool any() const {
        return max_lag || !max_load.empty() || !critical_load.empty() || !query.empty() || !flag_file.empty() || !window.empty() ||
               !http.empty() || nice > 0;
    }
};

/// Programs to be told what happens to a run: those of a folder that are named after an event.
struct HooksSpec {
    std::string directory;  ///< empty: none. Relative to the job file's
    milliseconds timeout{30000};
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
    ThrottleSpec throttle;
    HooksSpec hooks;
    std::string store_dsn;
    std::string store_schema = "rowmill";
    std::string file;  ///< where it was read from; empty for an ad-hoc job

    const ParamSpec* find_param(std::string_view name) const;
};

/// The parameters of a run, by name, checked against the job's specifications. A parameter that was
/// not given and has no default is NULL.
using Params = std::map<std::string, Value, std::less<>>;

}  // namespace rowmill::job
