#include "job/sections.hpp"

#include "job/statement.hpp"

#include <array>

namespace rowmill::job {

namespace {

/// The keys that say what is done to a row, and with which kind of action.
struct WorkKey {
    const char* kind;
    const char* key;
};
constexpr std::array work_keys{
    WorkKey{"sql", "statement"},   WorkKey{"sql", "statements"}, WorkKey{"sql", "lock"},
    WorkKey{"sql", "expect_rows"}, WorkKey{"sql", "warnings"},   WorkKey{"sql", "at_least_once"},
    WorkKey{"exec", "command"},    WorkKey{"exec", "protocol"},  WorkKey{"exec", "env"},
    WorkKey{"http", "method"},     WorkKey{"http", "url"},       WorkKey{"http", "headers"},
    WorkKey{"http", "body"},       WorkKey{"http", "per_host"},
};

/// Left out, it is sql where there is a statement.
void read_kind(Section& action, ActionSpec& spec) {
    const Node* node = action.find("kind");
    if (node != nullptr && node->text == "handler")
        action.fail(*node,
                    "\"handler\" is for programs that use rowmill as a library; a job file has \"exec\" or \"http\"");
    const std::optional<std::string> kind =
        action.choice("kind", {"sql", "exec", "http", "none", "copy", "archive", "delete"});
    const bool says_sql = action.find("statement") != nullptr || action.find("statements") != nullptr;
    spec.kind = kind || says_sql ? kind.value_or("sql") : "";
    if (spec.kind != "copy" && spec.kind != "archive" && spec.kind != "delete") return;
    action.fail(*node, "\"" + spec.kind +
                           "\" is not available in this version; there are \"sql\", \"exec\", \"http\" and \"none\"");
}

/// A key that another kind of action has is a mistake.
void refuse_other_work(Section& action, const std::string& kind) {
    for (const auto& [owner, key] : work_keys) {
        const Node* node = action.find(key);
        if (node != nullptr && owner != kind && !kind.empty())
            action.fail(*node, "means nothing with kind = \"" + kind + "\"; leave one of them out");
    }
    const bool outside = kind == "exec" || kind == "http";
    if (const Node* dsn = action.find("dsn"); dsn != nullptr && outside)
        action.fail(*dsn,
                    "means nothing with kind = \"" + kind + "\", which works outside of the database; leave it out");
}

void read_statements(Section& action, ActionSpec& spec) {
    const Node* one = action.find("statement");
    const Node* several = action.find("statements");
    if (one != nullptr && several != nullptr)
        action.fail(*several, "and action.statement exclude each other; keep one of them");
    if (const std::optional<std::string> statement = action.text("statement")) {
        Statement::parse(*statement, action.subject(*one));
        spec.statements = {*statement};
    }
    if (several == nullptr) return;
    if (several->kind != Node::Kind::list || several->items.empty()) {
        action.fail(*several, "must be a list of statements, [\"…\", \"…\"], not " + several->description());
    }
    for (const Node& item : several->items) {
        if (item.kind != Node::Kind::text) action.fail(*several, "must hold texts, not " + item.description());
        Statement::parse(item.text, item.place + ": action.statements");
        spec.statements.push_back(item.text);
    }
}

void read_sql(Section& action, ActionSpec& spec) {
    read_statements(action, spec);
    spec.lock = action.boolean("lock");
    if (action.choice("expect_rows", {"any", "batch"}) == "batch") spec.expect_rows = ActionSpec::ExpectRows::batch;
    spec.fail_on_warnings = action.choice("warnings", {"fail", "allow"}) != "allow";
    assign(spec.at_least_once, action.boolean("at_least_once"));
    action.refuse_unknown();
    if (spec.statements.empty()) action.fail("statement is missing: kind = \"sql\" needs a statement, or statements");
}

}  // namespace

ActionSpec read_action(Section action, const std::vector<ParamSpec>& params) {
    ActionSpec spec;
    read_kind(action, spec);
    refuse_other_work(action, spec.kind);
    assign(spec.dsn, action.dsn("dsn"));
    if (spec.kind == "sql") {
        read_sql(action, spec);
    } else if (spec.kind == "exec") {
        read_exec(action, params, spec);
    } else if (spec.kind == "http") {
        read_http(action, params, spec);
    } else {
        action.refuse_unknown();
    }
    if (spec.kind.empty()) {
        action.fail(
            "kind is missing: say \"sql\" with a statement, \"exec\" with a command, \"http\" with a url, or "
            "\"none\" to only read the rows");
    }
    return spec;
}

}  // namespace rowmill::job
