#pragma once

#include "action/sql.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// The table `shop`.`invoices`: key id (or shop_id, id), the columns total, note and state.
inline table::Selection invoices(std::vector<std::string> key = {"id"}, std::vector<std::string> read = {}) {
    table::Selection selection;
    selection.table.schema = "shop";
    selection.table.name = "invoices";
    selection.table.columns = {{"shop_id", "int", "int", "", ValueType::integer},
                               {"id", "int", "int", "", ValueType::integer},
                               {"total", "decimal", "decimal(10,2)", "", ValueType::decimal},
                               {"note", "varchar", "varchar(50)", "utf8mb4_bin", ValueType::text},
                               {"state", "varchar", "varchar(50)", "utf8mb4_bin", ValueType::text}};
    selection.key.index = "PRIMARY";
    Shape shape;
    for (const std::string& name : key) {
        selection.key.columns.push_back(*selection.table.find(name));
        shape.columns.push_back({name, selection.table.find(name)->type});
    }
    shape.key_columns = key.size();
    for (const std::string& name : read) shape.columns.push_back({name, selection.table.find(name)->type});
    selection.shape = std::make_shared<const Shape>(shape);
    return selection;
}

inline job::Job sql_job(std::vector<std::string> statements) {
    job::Job job;
    job.name = "test";
    job.file = "test.toml";
    job.source.table = "invoices";
    job.action.kind = "sql";
    job.action.statements = std::move(statements);
    return job;
}

inline job::ParamSpec param(const std::string& name) {
    job::ParamSpec spec;
    spec.name = name;
    return spec;
}

inline action::SqlPlan prepared(const job::Job& job, table::Selection selection = invoices(),
                                const job::Params& params = {}) {
    return action::prepare(job, params, 7, "2024-02-29 23:59:59",
                           std::make_shared<const table::Selection>(std::move(selection)));
}

/// Quotes as a server under NO_BACKSLASH_ESCAPES reads it: numbers bare, the rest between doubled quotes.
inline std::string plain_quote(ValueView value) {
    if (value.is_null()) return "NULL";
    if (value.type() == ValueType::integer || value.type() == ValueType::unsigned_integer ||
        value.type() == ValueType::decimal)
        return value.as_string();
    std::string sql = "'";
    for (const char c : value.text()) sql += c == '\'' ? "''" : std::string(1, c);
    return sql + "'";
}

inline engine::Batch batch_of(const action::SqlPlan& plan, const std::vector<std::vector<std::string>>& rows) {
    auto block = std::make_shared<Block>(plan.selection->shape);
    for (const auto& row : rows)
        for (const std::string& cell : row) block->append(cell);
    engine::Batch batch;
    batch.items = Items{std::move(block)};
    batch.count = rows.size();
    if (!rows.empty()) batch.upto = batch.items[rows.size() - 1].key();
    return batch;
}

/// The one statement, as it would be sent for the rows.
inline std::string rendered(const action::SqlPlan& plan, const std::vector<std::vector<std::string>>& rows) {
    return action::render(plan, batch_of(plan, rows), plain_quote).at(0);
}

}  // namespace rowmill::test
