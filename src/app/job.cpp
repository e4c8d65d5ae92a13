#include <rowmill/job.hpp>

#include "app/declaration.hpp"

#include <charconv>

namespace rowmill {
namespace {

std::string milliseconds_text(std::chrono::milliseconds time) {
    return std::to_string(time.count()) + "ms";
}

/// The shortest text that is this number again.
std::string number_text(double number) {
    char text[32];
    return {text, std::to_chars(std::begin(text), std::end(text), number).ptr};
}

/// The `[params.name]` of a job file.
class Declared {
public:
    Declared(app::Declaration& declaration, const std::string& name, const std::string& description,
             const std::string& type)
        : declaration_{declaration}, table_{declaration.put_table(declaration.params, name)} {
        declaration.put_text(table_, "type", type);
        declaration.put_text(table_, "description", description);
    }

    /// What all types have.
    template <typename Type>
    void presence(const Param<Type>& how) {
        declaration_.put_boolean(table_, "required", !how.otherwise && !how.optional);
        declaration_.put_boolean(table_, "secret", how.secret);
    }
    template <typename Type>
    void limits(const Param<Type>& how) {
        if (how.least) declaration_.put_number(table_, "min", static_cast<double>(*how.least));
        if (how.most) declaration_.put_number(table_, "max", static_cast<double>(*how.most));
    }
    void otherwise(const std::string& text) { declaration_.put_text(table_, "default", text); }
    void choices(const std::vector<std::string>& texts) { declaration_.put_list(table_, "choices", texts); }

private:
    app::Declaration& declaration_;
    job::Node& table_;
};

}  // namespace

Job::Job(std::unique_ptr<app::Declaration> declaration) : declaration_{std::move(declaration)} {}
Job::~Job() = default;

Job& Job::declare(std::string name, std::string description, Param<std::int64_t> how) {
    Declared declared{*declaration_, name, description, "integer"};
    declared.presence(how);
    declared.limits(how);
    if (how.otherwise) declared.otherwise(std::to_string(*how.otherwise));
    return *this;
}

Job& Job::declare(std::string name, std::string description, Param<double> how) {
    Declared declared{*declaration_, name, description, "number"};
    declared.presence(how);
    declared.limits(how);
    if (how.otherwise) declared.otherwise(number_text(*how.otherwise));
    return *this;
}

Job& Job::declare(std::string name, std::string description, Param<bool> how) {
    Declared declared{*declaration_, name, description, "boolean"};
    declared.presence(how);
    if (how.otherwise) declared.otherwise(*how.otherwise ? "true" : "false");
    return *this;
}

Job& Job::declare(std::string name, std::string description, Param<std::string> how) {
    Declared declared{*declaration_, name, description, how.choices.empty() ? "string" : "choice"};
    declared.presence(how);
    if (!how.choices.empty()) declared.choices(how.choices);
    if (how.otherwise) declared.otherwise(*how.otherwise);
    return *this;
}

Job& Job::table(std::string name) {
    declaration_->put_text(declaration_->source, "table", name);
    return *this;
}

Job& Job::where(std::string filter) {
    declaration_->put_text(declaration_->source, "where", filter);
    return *this;
}

Job& Job::columns(std::vector<std::string> names) {
    declaration_->put_list(declaration_->source, "columns", names);
    return *this;
}

Job& Job::key_index(std::string name) {
    declaration_->put_text(declaration_->source, "key_index", name);
    return *this;
}

Job& Job::from(std::vector<std::string> key) {
    declaration_->put_list(declaration_->source, "from", key);
    return *this;
}

Job& Job::to(std::vector<std::string> key) {
    declaration_->put_list(declaration_->source, "to", key);
    return *this;
}

Job& Job::partitions(std::vector<std::string> names) {
    declaration_->put_list(declaration_->source, "partitions", names);
    return *this;
}

Job& Job::descending() {
    declaration_->put_text(declaration_->source, "order", "desc");
    return *this;
}

Job& Job::settle(std::chrono::milliseconds time) {
    declaration_->put_text(declaration_->source, "settle", milliseconds_text(time));
    return *this;
}

Job& Job::handle(EachFunction function) {
    declaration_->is_handled_twice |= declaration_->has_handler();
    declaration_->handler = std::move(function);
    return *this;
}

Job& Job::handle(std::shared_ptr<const CoroutineFunction> function) {
    declaration_->is_handled_twice |= declaration_->has_handler();
    declaration_->handler = std::move(function);
    return *this;
}

Job& Job::each_batch(std::uint64_t size, BatchFunction function) {
    declaration_->is_handled_twice |= declaration_->has_handler();
    declaration_->handler = std::move(function);
    return batch(size);
}

Job& Job::retry_on_exception() {
    declaration_->retry_on_exception = true;
    return *this;
}

Job& Job::sql(std::string statement) {
    declaration_->put_text(declaration_->action, "statement", statement);
    return *this;
}

Job& Job::sql(std::vector<std::string> statements) {
    declaration_->put_list(declaration_->action, "statements", statements);
    return *this;
}

Job& Job::once() {
    declaration_->once = true;
    return *this;
}

Job& Job::concurrency(unsigned items) {
    declaration_->put_integer(declaration_->run, "concurrency", items);
    return *this;
}

Job& Job::adaptive_concurrency(unsigned least, unsigned most) {
    declaration_->put_text(declaration_->run, "concurrency", "auto");
    declaration_->put_integer(declaration_->run, "min_concurrency", least);
    declaration_->put_integer(declaration_->run, "max_concurrency", most);
    return *this;
}

Job& Job::workers(unsigned count) {
    declaration_->put_integer(declaration_->run, "workers", count);
    return *this;
}

Job& Job::batch(std::uint64_t items) {
    declaration_->put_integer(declaration_->run, "batch", items);
    return *this;
}

Job& Job::target_time(std::chrono::milliseconds time) {
    declaration_->put_text(declaration_->run, "target_time", milliseconds_text(time));
    return *this;
}

Job& Job::rate(double items_a_second) {
    declaration_->put_number(declaration_->run, "rate", items_a_second);
    return *this;
}

Job& Job::max_attempts(unsigned count) {
    declaration_->put_integer(declaration_->run, "max_attempts", count);
    return *this;
}

Job& Job::backoff(std::chrono::milliseconds first, std::chrono::milliseconds longest) {
    declaration_->put_text(declaration_->run, "backoff", milliseconds_text(first) + ".." + milliseconds_text(longest));
    return *this;
}

Job& Job::max_failures(std::string limit) {
    declaration_->put_text(declaration_->run, "max_failures", limit);
    return *this;
}

Job& Job::timeout(std::chrono::milliseconds time) {
    declaration_->put_text(declaration_->run, "timeout", milliseconds_text(time));
    return *this;
}

Job& Job::sack_rows(std::uint64_t rows) {
    declaration_->put_integer(declaration_->run, "sack_rows", rows);
    return *this;
}

Job& Job::page_bytes(std::uint64_t bytes) {
    declaration_->put_integer(declaration_->run, "page_bytes", bytes);
    return *this;
}

Job& Job::checkpoint_interval(std::chrono::milliseconds time) {
    declaration_->put_text(declaration_->run, "checkpoint_interval", milliseconds_text(time));
    return *this;
}

Job& Job::checkpoint_items(std::uint64_t items) {
    declaration_->put_integer(declaration_->run, "checkpoint_items", items);
    return *this;
}

Job& Job::lease(std::chrono::milliseconds time) {
    declaration_->put_text(declaration_->run, "lease", milliseconds_text(time));
    return *this;
}

Job& Job::reconnect_for(std::chrono::milliseconds time) {
    declaration_->put_text(declaration_->run, "reconnect_for", milliseconds_text(time));
    return *this;
}

Job& Job::session(std::string key, std::string value) {
    declaration_->put_text(declaration_->session, key, value);
    return *this;
}

}  // namespace rowmill
