#include "job/read.hpp"

#include "job/sections.hpp"
#include "job/statement.hpp"
#include "job/words.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <system_error>

namespace rowmill::job {

namespace {

constexpr std::size_t longest_name = 190;
constexpr std::size_t longest_schema = 64;

Node& table_within(Node& document, const std::string& key) {
    const auto found = std::ranges::find(document.items, key, &Node::key);
    if (found != document.items.end()) return *found;
    Node& table = document.items.emplace_back();
    table.kind = Node::Kind::table;
    table.key = key;
    return table;
}

void put(Node& document, const std::string& section, Node value) {
    Node& table = table_within(document, section);
    std::erase_if(table.items, [&value](const Node& entry) { return entry.key == value.key; });
    table.items.push_back(std::move(value));
}

/// Puts the flags in the place of what the file says.
void apply(const Overrides& overrides, Node& document) {
    const std::vector<OverridableKey>& keys = overridable_keys();
    for (const auto& [key, text] : overrides) {
        const auto known = std::ranges::find(keys, key, &OverridableKey::key);
        Node value = flag(key, text);
        if (known == keys.end()) throw Error{ErrorKind::usage, value.place + " is not the flag of a key of [run] or [throttle]"};
        put(document, std::string{known->section}, std::move(value));
    }
}

void read_about(Section about, Job& job) {
    assign(job.name, about.name("name"));
    assign(job.description, about.text("description"));
    assign(job.once, about.boolean("once"));
    about.refuse_unknown();
    const bool control = std::ranges::any_of(job.name, [](char c) { return static_cast<unsigned char>(c) < 0x20; });
    if (job.name.size() > longest_name || control) {
        about.fail("name must be one line of at most " + std::to_string(longest_name) + " bytes");
    }
}

void read_store(Section store, Job& job) {
    assign(job.store_dsn, store.dsn("dsn"));
    assign(job.store_schema, store.name("schema"));
    store.refuse_unknown();
    if (job.store_schema.size() > longest_schema) store.fail("schema is longer than a schema's name may be");
}

/// What the job itself says of the sql_mode; what the server's is, is asked before a run.
void check_own_mode(const Job& job) {
    if (!job.session.sql_mode) return;
    if (!job.source.where.empty()) check_literals(job.source.where, job.file, *job.session.sql_mode);
    for (const std::string& statement : job.action.statements)
        check_literals(statement, job.file, *job.session.sql_mode);
}

/// A parameter that must be given.
void declare_text(Job& job, const std::string& name) {
    ParamSpec param;
    param.name = name;
    param.required = true;
    job.params.push_back(std::move(param));
}

Job read_document(const Node& document, Job job) {
    Section root{&document, "", ""};
    const Section about = root.section("job");
    const Section params = root.section("params");
    const Section source = root.section("source");
    const Section action = root.section("action");
    const Section session = root.section("session");
    const Section run = root.section("run");
    const Section throttle = root.section("throttle");
    const Section hooks = root.section("hooks");
    const Section store = root.section("store");
    // A misspelt section explains better what is missing than the absence of the right one.
    root.refuse_unknown();

    read_about(about, job);
    std::vector<ParamSpec> specs = read_params(params);
    job.params.insert(job.params.end(), std::make_move_iterator(specs.begin()), std::make_move_iterator(specs.end()));
    job.source = read_source(source, job.params);
    job.action = read_action(action, job.params);
    job.session = read_session(session);
    job.run = read_run(run);
    job.throttle = read_throttle(throttle);
    job.hooks = read_hooks(hooks);
    read_store(store, job);
    check_own_mode(job);
    return job;
}

}  // namespace

Job read_job(const std::string& path, const Overrides& overrides) {
    std::ifstream file{path, std::ios::binary};
    std::ostringstream text;
    if (std::error_code none; !file || std::filesystem::is_directory(path, none)) {
        const std::string reason = file ? "it is a directory" : std::generic_category().message(errno);
        throw Error{ErrorKind::usage, "the job file " + path + " can't be read: " + reason};
    }
    text << file.rdbuf();
    return parse_job(text.str(), path, overrides);
}

Job parse_job(std::string_view toml, const std::string& path, const Overrides& overrides) {
    Node document = parse_document(toml, path);
    document.place = path;
    apply(overrides, document);
    Job job;
    job.file = path;
    job.name = std::filesystem::path{path}.stem().string();
    return read_document(document, std::move(job));
}

Job ad_hoc_job(const std::string& table, const std::string& where, const std::string& sql, const Overrides& overrides,
               const std::vector<std::string>& given) {
    Node document;
    document.kind = Node::Kind::table;
    apply(overrides, document);
    put(document, "source", flag("table", table));
    Node kind = flag("kind", sql.empty() ? "none" : "sql");
    put(document, "action", std::move(kind));
    Job job;
    if (!where.empty()) {
        put(document, "source", flag("where", where));
        // Nothing but a parameter can stand in a filter. As text, the server compares it with a column of any type.
        for (const std::string& name : Statement::parse(where, "--where").placeholders()) declare_text(job, name);
    }
    if (!sql.empty()) {
        Node statement = flag("sql", sql);
        statement.key = "statement";
        put(document, "action", std::move(statement));
        // In a statement it may stand for a column as well, so that only what is given is one.
        for (const std::string& name : Statement::parse(sql, "--sql").placeholders())
            if (std::ranges::find(given, name) != given.end() && job.find_param(name) == nullptr) declare_text(job, name);
    }
    job = read_document(document, std::move(job));
    job.name = "ad-hoc-" + job.source.table;
    return job;
}

const std::vector<std::string>& live_keys() {
    static const std::vector<std::string> keys{"concurrency", "rate",      "batch",    "target_time",     "max_lag",
                                               "replicas",    "ignore_replicas", "heartbeat", "max_load", "critical_load",
                                               "query",       "flag_file", "window",   "http",            "nice"};
    return keys;
}

void change_settings(Job& job, const Overrides& changes) {
    for (const auto& [key, text] : changes) {
        if (std::ranges::find(live_keys(), key) == live_keys().end())
            throw Error{ErrorKind::usage, key + " can't be changed while a run is on; what can: " +
                                              join_quoted(live_keys(), " and ") + suggestion(key, live_keys())};
    }
    Node document;
    document.kind = Node::Kind::table;
    apply(changes, document);
    Section root{&document, "", ""};
    job.run = read_run(root.section("run"), job.run);
    job.throttle = read_throttle(root.section("throttle"), job.throttle);
}

const ParamSpec* Job::find_param(std::string_view wanted) const {
    const auto found = std::ranges::find(params, wanted, &ParamSpec::name);
    return found == params.end() ? nullptr : &*found;
}

}  // namespace rowmill::job
