#include "run/preparation.hpp"

#include "action/outside.hpp"
#include "action/placeholders.hpp"
#include "action/secrets.hpp"
#include "run/link.hpp"
#include "run/outside_work.hpp"
#include "db/errors.hpp"
#include "job/read.hpp"
#include "table/explain.hpp"

#include <algorithm>
#include <chrono>

namespace rowmill::run {
namespace {

using std::chrono::duration_cast;
using std::chrono::seconds;

// Without these a session waits for a lock for a day or for 50 s, and its followers queue up behind it.
constexpr seconds default_lock_wait{30};
constexpr seconds default_innodb_lock_wait{5};

constexpr std::uint64_t canary_sacks = 16, least_sack = 100;

db::SessionSettings settings_of(const job::Job& job) {
    const auto in_seconds = [](const std::optional<std::chrono::milliseconds>& given, seconds otherwise) {
        return given ? std::max(seconds{1}, duration_cast<seconds>(*given)) : otherwise;
    };
    db::SessionSettings settings;
    settings.time_zone = job.session.time_zone;
    settings.sql_mode = job.session.sql_mode;
    settings.isolation = job.session.isolation;
    settings.lock_wait_timeout = in_seconds(job.session.lock_wait_timeout, default_lock_wait);
    settings.innodb_lock_wait_timeout = in_seconds(job.session.innodb_lock_wait_timeout, default_innodb_lock_wait);
    settings.set = job.session.set;
    return settings;
}

db::Endpoint endpoint_of(const db::Endpoint& login, const std::string& dsn) {
    return dsn.empty() ? login : db::parse_dsn(dsn, login);
}

/// The zone of a session in words, empty where it is UTC.
std::string zone_of(db::Session& session) {
    const db::ResultSet zones = session.query("SELECT @@session.time_zone, @@system_time_zone");
    const std::string zone = zones.text(0, 0) == "SYSTEM" ? zones.text(0, 1) : zones.text(0, 0);
    return zone == "UTC" || zone == "GMT" || zone == "+00:00" || zone == "Etc/UTC" ? std::string{} : zone;
}

/// Keys that are timestamps are compared in UTC, where no hour comes twice. The filter and the statement share the session,
/// so that they are read in UTC too: not without being told.
void force_utc(const table::KeySpec& key, db::Session& session, db::SessionSettings& settings) {
    const bool has_timestamp = std::any_of(key.columns.begin(), key.columns.end(), [](const auto& column) {
        return column.type == ValueType::timestamp;
    });
    if (!has_timestamp) return;
    if (const std::string zone = zone_of(session); !zone.empty())
        throw Error{ErrorKind::refused,
                    "the key holds a timestamp, and the session's time zone is " + zone +
                        ", where an hour can come twice; say time_zone = \"+00:00\" in [session], and mind that the "
                        "filter and the statement are then read in UTC (CONVERT_TZ helps)"};
    settings.time_zone = "+00:00";
}

/// As the reader of a message finds it: in the job file, or on the command line.
std::string filter_place(const job::Job& job) { return job.file.empty() ? "--where" : job.file + ": source.where"; }

std::string statement_place(const job::Job& job, std::size_t index) {
    return (job.file.empty() ? "" : job.file + ": ") + action::place_of_statement(job, index);
}

void check_partitions(const job::Job& job, const table::Description& table) {
    for (const std::string& wanted : job.source.partitions) {
        const bool there = std::any_of(table.partitions.begin(), table.partitions.end(),
                                       [&](const std::string& name) { return table::same_name(name, wanted); });
        if (there) continue;
        const std::string start = job.file + ": source.partitions: table " + table.quoted();
        if (table.partitions.empty()) throw Error{ErrorKind::usage, start + " has no partitions"};
        const auto meant = job::nearest(wanted, table.partitions);
        throw Error{ErrorKind::usage, start + " has no partition " + wanted +
                                          (meant ? "; did you mean " + *meant + "?" : "")};
    }
}

/// Where the connection names no database, it is the table's: a statement of the job names the same table without one.
db::Connector with_database(db::Endpoint endpoint, const std::string& schema, const db::SessionSettings& settings) {
    if (endpoint.database.empty()) endpoint.database = schema;
    return {std::move(endpoint), settings};
}

std::string schema_of(const Request& request) {
    const std::string& schema = request.job.source.schema.empty() ? request.login.database : request.job.source.schema;
    if (schema.empty())
        throw Error{ErrorKind::usage, "no database: name one with -D, or write the table as database.table"};
    return schema;
}

std::shared_ptr<const table::Selection> select(const Request& request, db::Session& session) {
    const job::Job& job = request.job;
    auto selection = std::make_shared<table::Selection>();
    selection->table = table::describe(session, schema_of(request), job.source.table);
    selection->key = table::choose_key(selection->table, job.source.key_index);
    std::vector<std::string> columns = job.source.columns;
    if (job.action.kind == "sql") {
        for (const std::string& used : action::columns_used(job, selection->table, selection->key)) {
            if (std::find(columns.begin(), columns.end(), used) == columns.end()) columns.push_back(used);
        }
    }
    for (const std::string& used : action::columns_of_templates(job.action)) {
        if (std::find(columns.begin(), columns.end(), used) == columns.end()) columns.push_back(used);
    }
    selection->shape = std::make_shared<Shape>(table::shape_of(selection->table, selection->key, columns));
    selection->filter = action::render_filter(job, request.params, [&](ValueView value) { return session.quote(value); });
    selection->filter_place = filter_place(job);
    check_partitions(job, selection->table);
    selection->partitions = job.source.partitions;
    selection->descending = job.source.order == job::SourceSpec::Order::descending;
    selection->page_bytes = job.run.page_bytes;
    return selection;
}

/// A batch such as the run will have, for EXPLAIN: the first rows of the table.
std::optional<engine::Batch> sample_batch(db::Session& session, const table::Selection& selection,
                                          const table::Bounds& bounds, std::uint64_t size) {
    table::Selection whole = selection;
    whole.filter.clear();
    whole.stretches_only = false;
    const auto shared = std::make_shared<const table::Selection>(std::move(whole));
    table::PageReader reader{session, shared, {bounds.after, bounds.upto, selection.descending}};
    const engine::Page page = reader.next(size, {});
    if (page.items.empty()) return {};
    return engine::Batch{.count = page.count, .after = page.after, .upto = page.upto, .items = page.items};
}

}  // namespace

Error as_usage(const Error& error, const std::string& where) {
    std::string what = db::without_statement(error);
    switch (error.kind()) {
        case ErrorKind::fatal:
        case ErrorKind::row:
        case ErrorKind::unsafe: break;
        case ErrorKind::failover: what += "; connect to the server that takes writes"; break;
        default: return error;
    }
    Error usage{ErrorKind::usage, where + ": " + what};
    usage.server_code = error.server_code;
    usage.sqlstate = error.sqlstate;
    usage.statement = error.statement;
    return usage;
}

Request masked(const Request& request) {
    Request shown = request;
    for (const job::ParamSpec& param : request.job.params) {
        const auto value = shown.params.find(param.name);
        if (param.secret && value != shown.params.end()) value->second = Value::text("***");
    }
    return shown;
}

std::vector<std::string> secrets_of(const Request& request) {
    std::vector<std::string> secrets;
    for (const job::ParamSpec& param : request.job.params) {
        const auto value = request.params.find(param.name);
        if (param.secret && value != request.params.end() && !value->second.is_null())
            secrets.push_back(value->second.text());
    }
    secrets.insert(secrets.end(), request.job.action.secrets.begin(), request.job.action.secrets.end());
    return secrets;
}

Error conceal(const Request& request, const Error& error) {
    return action::without_secrets(error, secrets_of(request));
}

std::string conceal(const Request& request, const std::string& text) {
    return action::without_secrets(text, secrets_of(request));
}

bool is_same_server(const db::Endpoint& left, const db::Endpoint& right) {
    return left.host == right.host && left.port == right.port && left.socket == right.socket;
}

db::Connector source_connector(const Request& request) {
    return {request.login, settings_of(request.job)};
}

db::Connector store_connector(const Request& request) { return {endpoint_of(request.login, request.job.store_dsn), {}}; }

Preparation prepare(const Request& request, db::Session& session) {
    const job::Job& job = request.job;
    action::check_literals(session, job);
    // Read before the description: what has changed since is seen at the next look.
    table::Description named;
    named.schema = schema_of(request);
    named.name = job.source.table;
    std::string definition = table::definition(session, named);
    auto selection = select(request, session);
    db::SessionSettings settings = settings_of(job);
    force_utc(selection->key, session, settings);
    const db::Endpoint target = endpoint_of(request.login, job.action.dsn);
    const db::Endpoint store = endpoint_of(request.login, job.store_dsn);
    const bool target_is_store = is_same_server(target, store);
    job::Fingerprint fingerprint = job::fingerprint(job);
    fingerprint.merge(table::fingerprint(selection->table, selection->key));
    const std::string& schema = selection->table.schema;
    return {.source = with_database(request.login, schema, settings),
            .target = with_database(target, schema, settings),
            .store = {store, target_is_store ? settings : db::SessionSettings{}},
            .target_is_store = target_is_store,
            .source_is_store = is_same_server(request.login, store),
            .session_is_source = !request.login.database.empty() && settings.time_zone == job.session.time_zone,
            .definition = std::move(definition),
            .selection = selection,
            .fingerprint = std::move(fingerprint),
            .identity = job::identity(job, request.params, selection->table.schema),
            .server = session.server().display()};
}

table::Spacing spacing_of(const Request& request, const table::Selection& selection) {
    const job::RunSpec& spec = request.job.run;
    if (spec.sack_rows_given) return {spec.sack_rows, true};
    std::uint64_t rows = table::rows_per_sack(spec.sack_rows, selection.table.estimated_rows, spec.workers);
    // A canary sings in each sack: a small table has some too.
    if (request.canary) rows = std::min(rows, std::max<std::uint64_t>(selection.table.estimated_rows / canary_sacks, least_sack));
    return {rows, false};
}

std::shared_ptr<const action::SqlPlan> plan_action(const Request& request, const Preparation& preparation,
                                                   store::RunId run, const std::string& started_at) {
    if (request.job.action.kind != "sql") return nullptr;
    return std::make_shared<action::SqlPlan>(
        action::prepare(request.job, request.params, run, started_at, preparation.selection));
}

void check_plans(const Request& request, const Preparation& preparation, db::Session& session,
                 const table::Bounds& given) {
    const table::Selection& selection = *preparation.selection;
    // Where no row lies in the range, the whole table shows how it would be read.
    const table::Bounds bounds = given.empty ? table::Bounds{} : given;
    try {
        table::check_page_plan(session, selection, bounds, request.allow_full_scan);
    } catch (const Error& error) {
        throw as_usage(error, selection.filter_place);
    }
    check_outside(request);
    const auto plan = plan_action(request, preparation, 0, "1970-01-01 00:00:00");
    if (!plan) return;
    std::unique_ptr<db::Session> elsewhere;  // where the statements are to work, they are judged
    if (!is_same_server(preparation.target.endpoint(), preparation.source.endpoint()))
        elsewhere = connect_first(preparation.target, true);
    db::Session& target = elsewhere ? *elsewhere : session;
    if (elsewhere) action::check_literals(target, request.job);
    if (!request.job.action.at_least_once && preparation.target_is_store) {
        const auto objections = action::exactly_once_objections(target, *plan);
        if (!objections.empty())
            throw Error{ErrorKind::refused,
                        objections.front() + "; so it can't be done exactly once. at_least_once = true in [action] "
                                             "lets it run with that weaker promise"};
    }
    const auto sample = sample_batch(session, selection, bounds, std::min<std::uint64_t>(request.job.run.batch, 100));
    if (!sample) return;
    const auto quote = [&](ValueView value) { return target.quote(value); };
    const auto rendered = action::render(*plan, *sample, quote);
    for (std::size_t i = 0; i < rendered.size(); ++i) {
        const std::string where = statement_place(request.job, i);
        try {
            table::check_statement_plan(target, selection, plan->statements[i], rendered[i], where,
                                        request.allow_full_scan);
        } catch (const Error& error) {
            throw as_usage(error, where);
        }
    }
}

}  // namespace rowmill::run
