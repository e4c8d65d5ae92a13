#include "job/read.hpp"
#include "job/sections.hpp"
#include "job/sql_token.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <charconv>

namespace rowmill::job {

namespace {

using namespace std::chrono_literals;

/// "100ms..30s"
void read_backoff(Section& run, RunSpec& spec) {
    const std::optional<std::string> text = run.text("backoff");
    if (!text) return;
    const Node& node = *run.find("backoff");
    const std::size_t dots = text->find("..");
    if (dots == std::string::npos) {
        run.fail(node, "must be the first wait and the longest, such as \"100ms..30s\", not " + node.description());
    }
    spec.backoff_first = parse_duration(std::string_view{*text}.substr(0, dots), run.subject(node));
    spec.backoff_cap = parse_duration(std::string_view{*text}.substr(dots + 2), run.subject(node));
    if (spec.backoff_cap < spec.backoff_first) run.fail(node, "has a longest wait that is shorter than the first");
}

/// A number of items, or "auto" within bounds.
void read_concurrency(Section& run, RunSpec& spec) {
    constexpr std::uint64_t most = 1'000'000;
    const Node* node = run.find("concurrency");
    assign(spec.min_concurrency, run.count("min_concurrency", 1, most));
    assign(spec.max_concurrency, run.count("max_concurrency", 1, most));
    if (spec.min_concurrency > spec.max_concurrency)
        run.fail("min_concurrency is more than max_concurrency, " + std::to_string(spec.max_concurrency));
    if (node == nullptr) return;
    spec.concurrency_given = true;
    spec.adaptive_concurrency = node->text == "auto";
    if (spec.adaptive_concurrency)
        spec.concurrency = spec.max_concurrency;
    else
        assign(spec.concurrency, run.count("concurrency", 1, most));
}

/// A number of items, or "1%" of those tried.
void read_max_failures(Section& run, MaxFailures& limit) {
    assign(limit.min_tried, run.count("min_tried", 0, 1'000'000'000));
    const Node* node = run.find("max_failures");
    if (node == nullptr) return;
    const std::string& text = node->text;
    const auto refuse = [&] {
        run.fail(*node, "must be a number of items, or a share from \"0%\" to \"100%\", not " + node->description());
    };
    const bool is_share = text.ends_with('%');
    if (node->kind != Node::Kind::integer && node->kind != Node::Kind::text) refuse();
    const char* const last = text.data() + text.size() - (is_share ? 1 : 0);
    if (is_share) {
        double percent = 0;
        const auto [end, error] = std::from_chars(text.data(), last, percent);
        if (error != std::errc{} || end != last || !(percent >= 0 && percent <= 100)) refuse();
        limit.share = percent / 100;
    } else {
        std::uint64_t number = 0;
        const auto [end, error] = std::from_chars(text.data(), last, number);
        if (error != std::errc{} || end != last) refuse();
        limit.number = number;
    }
}

std::optional<milliseconds> whole_seconds(Section& session, std::string_view key) {
    const std::optional<milliseconds> value = session.duration(key, 1s);
    if (value && *value % 1s != 0ms) session.fail(*session.find(key), "must be in whole seconds");
    return value;
}

/// Written as in SQL or as in the server's variable ("read-committed"). Uncommitted rows of others are never worked on.
std::optional<std::string> isolation(Section& session) {
    const std::optional<std::string> text = session.text("isolation");
    if (!text) return std::nullopt;
    std::string level = to_upper(*text);
    std::ranges::replace(level, '-', ' ');
    const std::vector<std::string> levels{"READ COMMITTED", "REPEATABLE READ", "SERIALIZABLE"};
    if (std::ranges::find(levels, level) == levels.end()) {
        const Node& node = *session.find("isolation");
        session.fail(node, "must be " + join_quoted(levels, " or ") + ", not " + node.description());
    }
    return level;
}

/// Variables that rowmill's own promises rest on.
void check_variable(const Section& set, const Node& variable) {
    const std::string name = to_upper(variable.key);
    const auto is_part = [](char c) {
        return (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '.';
    };
    if (name.empty() || !std::ranges::all_of(name, is_part)) set.fail(variable, "is not the name of a variable");
    for (const char* owned : {"AUTOCOMMIT", "COMPLETION_TYPE", "CHARACTER_SET_CLIENT", "CHARACTER_SET_RESULTS",
                              "CHARACTER_SET_CONNECTION", "SQL_SELECT_LIMIT", "SQL_AUTO_IS_NULL"}) {
        if (name == owned) set.fail(variable, "is set by rowmill, whose promises rest on it; leave it out");
    }
    for (const char* keyed : {"TIME_ZONE", "SQL_MODE", "LOCK_WAIT_TIMEOUT", "INNODB_LOCK_WAIT_TIMEOUT"}) {
        if (name == keyed) set.fail(variable, "has a key of its own: write it under [session]");
    }
    for (const char* level : {"TRANSACTION_ISOLATION", "TX_ISOLATION"}) {
        if (name == level) set.fail(variable, "has a key of its own: write isolation under [session]");
    }
}

}  // namespace

SessionSpec read_session(Section session) {
    SessionSpec spec;
    spec.time_zone = session.name("time_zone");
    spec.sql_mode = session.text("sql_mode");
    spec.isolation = isolation(session);
    spec.lock_wait_timeout = whole_seconds(session, "lock_wait_timeout");
    spec.innodb_lock_wait_timeout = whole_seconds(session, "innodb_lock_wait_timeout");
    const Node* variables = session.find("set");
    Section set = session.section("set");
    if (variables != nullptr) {
        for (const Node& variable : variables->items) {
            check_variable(set, variable);
            const std::vector<std::string> value = set.scalars(variable.key);
            if (value.size() != 1) set.fail(variable, "must be one value");
            spec.set[variable.key] =
                variable.kind == Node::Kind::boolean ? (variable.boolean ? "1" : "0") : value.front();
        }
    }
    session.refuse_unknown();
    return spec;
}

RunSpec read_run(Section run, RunSpec spec) {
    constexpr std::uint64_t million = 1'000'000;
    assign(spec.workers, run.count("workers", 1, 1024));
    read_concurrency(run, spec);
    assign(spec.batch, run.count("batch", 1, million));
    if (run.find("batch") != nullptr) spec.batch_given = true;
    if (run.find("sack_rows") != nullptr) spec.sack_rows_given = true;
    if (run.find("checkpoint_items") != nullptr) spec.checkpoint_items_given = true;
    assign(spec.target_time, run.duration("target_time"));
    assign(spec.rate, run.number("rate", 0));
    assign(spec.max_attempts, run.count("max_attempts", 1, 10'000));
    read_backoff(run, spec);
    read_max_failures(run, spec.max_failures);
    assign(spec.timeout, run.duration("timeout", 1ms));
    assign(spec.sack_rows, run.count("sack_rows", 1, 1000 * million));
    assign(spec.page_bytes, run.size("page_bytes", 1024));
    assign(spec.checkpoint_interval, run.duration("checkpoint_interval", 1ms));
    assign(spec.checkpoint_items, run.count("checkpoint_items", 1, 1000 * million));
    assign(spec.lease, run.duration("lease", 2s));
    assign(spec.reconnect_for, run.duration("reconnect_for"));
    run.refuse_unknown();
    return spec;
}

const std::vector<OverridableKey>& overridable_keys() {
    static const std::vector<OverridableKey> keys{
        {"run", "workers", "N", "sacks worked on at once by this process (4)"},
        {"run", "concurrency", "N|auto", "items in flight at once, at most; auto: as many as help (64)"},
        {"run", "min_concurrency", "N", "of concurrency = auto: never fewer (1)"},
        {"run", "max_concurrency", "N", "of concurrency = auto: never more (256)"},
        {"run", "batch", "N", "items a call, or a transaction, at first (500)"},
        {"run", "target_time", "DURATION", "a batch grows and shrinks toward this; 0 keeps its size (200ms)"},
        {"run", "rate", "N", "items a second of this process; 0 is unlimited (0)"},
        {"run", "max_attempts", "N", "attempts an item has before it becomes a dead letter (5)"},
        {"run", "backoff", "FIRST..LONGEST", "waits between attempts, doubled each time, with jitter (100ms..30s)"},
        {"run", "max_failures", "N|N%", "failed items, or their share, past which the run fails (1%)"},
        {"run", "min_tried", "N", "items tried before a share of failures counts (1000)"},
        {"run", "timeout", "DURATION", "an item's longest time in an action (120s)"},
        {"run", "sack_rows", "N", "rows a sack (50000; fewer for a small table)"},
        {"run", "page_bytes", "SIZE", "memory that a page of rows may take (8MB)"},
        {"run", "checkpoint_interval", "DURATION", "longest time between checkpoints outside of transactions (1s)"},
        {"run", "checkpoint_items", "N", "most items between checkpoints outside of transactions (1000)"},
        {"run", "lease", "DURATION", "a worker that has not renewed for so long is gone (30s)"},
        {"run", "reconnect_for", "DURATION", "how long a lost server is waited for (10m)"},
        {"throttle", "max_lag", "DURATION", "wait while a replica lags further behind"},
        {"throttle", "replicas", "HOST[:PORT],…", "those to look at, instead of all that the server knows"},
        {"throttle", "ignore_replicas", "HOST[:PORT],…", "those not to wait for"},
        {"throttle", "heartbeat", "TABLE", "measure the lag by this table, as pt-heartbeat writes it"},
        {"throttle", "max_load", "NAME=N,…", "wait while a status variable is above: Threads_running=25"},
        {"throttle", "critical_load", "NAME=N,…", "stop, resumable, when it is above this, twice"},
        {"throttle", "query", "SQL", "wait while this SELECT of one number is above 0"},
        {"throttle", "flag_file", "FILE", "wait while this file is there"},
        {"throttle", "window", "HH:MM-HH:MM [ZONE]", "work only inside of it"},
        {"throttle", "http", "URL", "wait unless this answers with 2xx"},
        {"throttle", "nice", "RATIO", "seconds of rest for each second of work"},
    };
    return keys;
}

}  // namespace rowmill::job
