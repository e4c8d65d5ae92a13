#include "action/sql.hpp"
#include "db/session.hpp"
#include "job/sql_token.hpp"

#include <algorithm>
#include <cctype>

namespace rowmill::action {
namespace {

using job::TableName;

std::string where_table(db::Session& session, const std::string& schema_column, const std::string& table_column,
                        const TableName& name) {
    const std::string schema = name.schema.empty() ? "DATABASE()" : session.quote(Value::text(name.schema));
    return schema_column + " = " + schema + " AND " + table_column + " = " + session.quote(Value::text(name.table));
}

std::string shown(const TableName& name) {
    return (name.schema.empty() ? "" : name.schema + ".") + name.table;
}

std::vector<TableName> written_tables(const SqlPlan& plan) {
    std::vector<TableName> tables;
    for (const job::Statement& statement : plan.statements)
        for (TableName& name : statement.written_tables())
            if (std::find(tables.begin(), tables.end(), name) == tables.end()) tables.push_back(std::move(name));
    return tables;
}

constexpr const char* engine_without_transactions =
    " JOIN information_schema.ENGINES e ON e.ENGINE = t.ENGINE WHERE e.TRANSACTIONS <> 'YES' AND ";

void object_to_engine(db::Session& session, const TableName& table, std::vector<std::string>& objections) {
    const db::ResultSet found =
        session.query(std::string{"SELECT t.ENGINE FROM information_schema.TABLES t"} + engine_without_transactions +
                      where_table(session, "t.TABLE_SCHEMA", "t.TABLE_NAME", table));
    if (!found.empty())
        objections.push_back("the table " + shown(table) + " is of the engine " + found.text(0, 0) +
                             ", which has no transactions: what was written can't be rolled back (ALTER TABLE " +
                             shown(table) + " ENGINE = InnoDB)");
}

/// What a view writes, and whether that is the key, is known to the server alone.
void object_to_view(db::Session& session, const TableName& table, std::vector<std::string>& objections) {
    const db::ResultSet views = session.query("SELECT TABLE_NAME FROM information_schema.VIEWS WHERE " +
                                              where_table(session, "TABLE_SCHEMA", "TABLE_NAME", table));
    if (!views.empty())
        objections.push_back(shown(table) +
                             " is a view, and what is written through it can't be seen; name the table "
                             "itself");
}

bool is_word_character(char c) {
    return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_' || c == '$';
}

/// Whether the name stands in the text as a word; a trigger's body is more than one statement, so that no more is asked
/// of it.
bool mentions(const std::string& body, const std::string& name) {
    const std::string text = job::to_upper(body);
    const std::string word = job::to_upper(name);
    for (std::size_t at = text.find(word); at != std::string::npos; at = text.find(word, at + 1)) {
        const std::size_t end = at + word.size();
        const bool begins = at == 0 || !is_word_character(text[at - 1]);
        if (begins && (end == text.size() || !is_word_character(text[end]))) return true;
    }
    return false;
}

/// A trigger writes what no statement of the job names.
void object_to_triggers(db::Session& session, const TableName& table, std::vector<std::string>& objections) {
    const db::ResultSet triggers =
        session.query("SELECT TRIGGER_NAME, ACTION_STATEMENT FROM information_schema.TRIGGERS WHERE " +
                      where_table(session, "EVENT_OBJECT_SCHEMA", "EVENT_OBJECT_TABLE", table));
    if (triggers.empty()) return;
    const db::ResultSet unsafe = session.query(
        std::string{"SELECT t.TABLE_NAME, t.ENGINE FROM information_schema.TABLES t"} + engine_without_transactions +
        "t.TABLE_TYPE = 'BASE TABLE' AND t.TABLE_SCHEMA NOT IN"
        " ('mysql', 'sys', 'information_schema', 'performance_schema')");
    for (std::size_t trigger = 0; trigger < triggers.rows.size(); ++trigger)
        for (std::size_t i = 0; i < unsafe.rows.size(); ++i)
            if (mentions(triggers.text(trigger, 1), unsafe.text(i, 0)))
                objections.push_back("the trigger " + triggers.text(trigger, 0) + " on " + shown(table) +
                                     " names the table " + unsafe.text(i, 0) + " of the engine " + unsafe.text(i, 1) +
                                     ", which has no transactions: what was written can't be rolled back");
}

/// Whether a statement assigns a column of a table: then a foreign key that points there cascades.
bool assigns(const SqlPlan& plan, const std::string& schema, const std::string& table, const std::string& column) {
    return std::any_of(plan.statements.begin(), plan.statements.end(), [&](const job::Statement& statement) {
        const auto tables = statement.written_tables();
        const auto columns = statement.assigned_columns();
        const bool writes = std::any_of(tables.begin(), tables.end(), [&](const TableName& name) {
            return job::same_name(name.table, table) && (name.schema.empty() || job::same_name(name.schema, schema));
        });
        return writes && std::any_of(columns.begin(), columns.end(),
                                     [&](const std::string& assigned) { return job::same_name(assigned, column); });
    });
}

void object_to_cascades(db::Session& session, const SqlPlan& plan, std::vector<std::string>& objections) {
    const table::Description& table = plan.selection->table;
    const TableName name{table.schema, table.name};
    // Apart from the keys' columns: for a join of both the server would open every table that it has.
    const db::ResultSet rules = session.query(
        "SELECT CONSTRAINT_NAME, UPDATE_RULE FROM information_schema.REFERENTIAL_CONSTRAINTS"
        " WHERE UPDATE_RULE IN ('CASCADE', 'SET NULL', 'SET DEFAULT') AND " +
        where_table(session, "CONSTRAINT_SCHEMA", "TABLE_NAME", name));
    for (std::size_t rule = 0; rule < rules.rows.size(); ++rule) {
        const db::ResultSet columns = session.query(
            "SELECT COLUMN_NAME, REFERENCED_TABLE_SCHEMA, REFERENCED_TABLE_NAME, REFERENCED_COLUMN_NAME"
            " FROM information_schema.KEY_COLUMN_USAGE WHERE REFERENCED_TABLE_NAME IS NOT NULL AND CONSTRAINT_NAME = " +
            session.quote(Value::text(rules.text(rule, 0))) + " AND " +
            where_table(session, "TABLE_SCHEMA", "TABLE_NAME", name));
        for (std::size_t i = 0; i < columns.rows.size(); ++i) {
            const bool in_key =
                std::any_of(plan.selection->key.columns.begin(), plan.selection->key.columns.end(),
                            [&](const auto& column) { return job::same_name(column.name, columns.text(i, 0)); });
            if (in_key && assigns(plan, columns.text(i, 1), columns.text(i, 2), columns.text(i, 3)))
                objections.push_back("assigning " + columns.text(i, 2) + "." + columns.text(i, 3) +
                                     " changes the key column " + columns.text(i, 0) + " of " + table.name +
                                     " through the foreign key " + rules.text(rule, 0) + " (ON UPDATE " +
                                     rules.text(rule, 1) + "): rows would be missed or met twice");
        }
    }
}

}  // namespace

std::vector<std::string> exactly_once_objections(db::Session& session, const SqlPlan& plan) {
    std::vector<std::string> objections;
    for (const TableName& table : written_tables(plan)) {
        object_to_engine(session, table, objections);
        object_to_view(session, table, objections);
        object_to_triggers(session, table, objections);
    }
    object_to_cascades(session, plan, objections);
    return objections;
}

}  // namespace rowmill::action
