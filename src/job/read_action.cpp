#include "job/sections.hpp"

#include "job/statement.hpp"

#include <array>

namespace rowmill::job {

namespace {

/// The keys that say what is done to a row.
constexpr std::array work_keys{"statement", "statements", "lock", "expect_rows", "warnings", "at_least_once"};

/// Left out, it is sql where there is a statement.
void read_kind(Section& action, ActionSpec& spec) {
    const std::optional<std::string> kind =
        action.choice("kind", {"sql", "none", "copy", "archive", "delete", "exec", "http"});
    const bool says_sql = action.find("statement") != nullptr || action.find("statements") != nullptr;
    spec.kind = kind || says_sql ? kind.value_or("sql") : "";
    if (spec.kind.empty() || spec.kind == "sql" || spec.kind == "none") return;
    action.fail(*action.find("kind"),
                "\"" + spec.kind + "\" is not available in this version; there are \"sql\" and \"none\"");
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

/// With `none` nothing is done to a row, so that a key that says how is a mistake.
void refuse_work(Section& action) {
    for (const char* key : work_keys) {
        if (const Node* node = action.find(key))
            action.fail(*node, "means nothing with kind = \"none\"; leave one of them out");
    }
}

}  // namespace

ActionSpec read_action(Section action) {
    ActionSpec spec;
    action.refuse_unavailable({"command", "protocol", "env", "method", "url", "headers", "body", "per_host"});
    read_kind(action, spec);
    assign(spec.dsn, action.dsn("dsn"));
    if (spec.kind == "none") {
        refuse_work(action);
        action.refuse_unknown();
        return spec;
    }
    read_statements(action, spec);
    spec.lock = action.boolean("lock");
    if (action.choice("expect_rows", {"any", "batch"}) == "batch") spec.expect_rows = ActionSpec::ExpectRows::batch;
    spec.fail_on_warnings = action.choice("warnings", {"fail", "allow"}) != "allow";
    assign(spec.at_least_once, action.boolean("at_least_once"));
    action.refuse_unknown();
    if (spec.kind.empty()) {
        action.fail("kind is missing: say kind = \"sql\" with a statement, or \"none\" to only read the rows");
    }
    if (spec.statements.empty()) action.fail("statement is missing: kind = \"sql\" needs a statement, or statements");
    return spec;
}

}  // namespace rowmill::job
