#include "action/fill.hpp"
#include "action/placeholders.hpp"
#include "action/rewriting.hpp"
#include "action/sql.hpp"
#include "job/sql_token.hpp"

#include <algorithm>

namespace rowmill::action {
namespace {

using job::same_name;
using job::Statement;
using Form = SqlPlan::Form;

/// A placeholder must mean one thing. Columns that are not read are no placeholders: a parameter may bear the name of
/// one.
void check_param_names(const job::Job& job, const Shape& shape) {
    for (const job::ParamSpec& param : job.params) {
        const auto& reserved = reserved_placeholders();
        if (std::find(reserved.begin(), reserved.end(), param.name) != reserved.end())
            throw Error{ErrorKind::usage, "params." + param.name + ": :" + param.name +
                                              " is a placeholder of rowmill's own; give the parameter another name"};
        if (const auto column = shape.find(param.name))
            throw Error{ErrorKind::usage, "params." + param.name + ": :" + param.name + " is the value of the column " +
                                              shape.columns[*column].name + "; give the parameter another name"};
    }
}

/// What does the same as a placeholder of rowmill's own, where a column bears its name.
std::string instead_of(const std::string& reserved) {
    if (reserved == "batch") return "use :range or the key's columns";
    if (reserved == "filter") return "write the filter out";
    if (reserved == "run_id" || reserved == "run_started_at") return "pass it as a parameter of another name";
    return "use :batch";
}

/// The table may have a column that is called as a placeholder of rowmill's own.
void check_reserved(const Statement& statement, const table::Description& table, const std::string& place) {
    for (const std::string& name : reserved_placeholders()) {
        const table::ColumnDescription* column = statement.uses(name) ? table.find(name) : nullptr;
        if (column == nullptr) continue;
        throw Error{ErrorKind::usage,
                    place + ": :" + name + " is a placeholder of rowmill's own, and " + table.name +
                        " has a column of that name too, so that it does not say which is meant. For the column's "
                        "value write `" +
                        column->name + "` without the colon where the statement reads the table; for rowmill's, " +
                        instead_of(name)};
    }
}

/// Which kinds of placeholder a statement uses.
struct Uses {
    std::string row, batch;  ///< the first of each kind; empty: none
    bool range = false;
};

Uses placeholders_of(const Statement& statement, const job::Job& job, const Shape& shape, const std::string& place) {
    Uses uses;
    for (const std::string& name : statement.placeholders()) {
        switch (classify(name, job, shape)) {
            case Placeholder::column:
                if (uses.row.empty()) uses.row = name;
                break;
            case Placeholder::range:
                uses.range = true;
                [[fallthrough]];
            case Placeholder::batch:
                if (uses.batch.empty()) uses.batch = name;
                break;
            case Placeholder::unknown:
                refuse_unknown(place, name, placeholder_names(job, shape));
            case Placeholder::constant:
            case Placeholder::filter:
                break;
        }
    }
    return uses;
}

void check_batch_placeholders(const Statement& statement, const table::Selection& selection, const std::string& place) {
    for (const char* name : {"ids", "lo", "hi"})
        if (statement.uses(name) && selection.key.columns.size() > 1)
            throw Error{ErrorKind::usage, place + ": :" + name + " needs a key of one column, and that of " +
                                              selection.table.name + " has " +
                                              std::to_string(selection.key.columns.size()) + "; use :batch"};
    const bool by_bounds = statement.uses("lo") || statement.uses("hi");
    if (by_bounds && !(statement.uses("lo") && statement.uses("hi")))
        throw Error{ErrorKind::usage, place + ": :lo and :hi go together; one alone would touch rows of other batches"};
    if (by_bounds && !statement.uses("filter") && !selection.partitions.empty())
        throw Error{ErrorKind::usage, place +
                                          ": a statement with :lo and :hi must say :filter too (AND :filter), or it "
                                          "would touch rows of other partitions than source.partitions names"};
    if (by_bounds && !selection.filter.empty() && !statement.uses("filter"))
        throw Error{ErrorKind::usage, place +
                                          ": a statement with :lo and :hi must say :filter too (AND :filter), or it "
                                          "would touch rows that the filter leaves out"};
}

Form form_of(const Statement& statement, const job::Job& job, const table::Selection& selection,
             const std::string& place) {
    const Uses uses = placeholders_of(statement, job, *selection.shape, place);
    if (!uses.row.empty() && !uses.batch.empty())
        throw Error{ErrorKind::usage, place + ": :" + uses.batch + " stands for a whole batch and :" + uses.row +
                                          " for one row; a statement can use only one of the two"};
    if (uses.row.empty() && uses.batch.empty())
        throw Error{ErrorKind::usage, place +
                                          ": the statement names no row and no batch, and would do the same for each; "
                                          "use :" +
                                          selection.shape->columns.at(0).name + ", :batch or :range"};
    check_batch_placeholders(statement, selection, place);
    if (!uses.row.empty()) return Form::row;
    const bool range_alone = uses.range && !statement.uses("batch") && !statement.uses("ids") && !statement.uses("lo");
    return range_alone ? Form::range : Form::batch;
}

/// An unqualified name may be in any schema.
bool writes_table(const Statement& statement, const table::Description& table) {
    const std::vector<job::TableName> tables = statement.written_tables();
    return std::any_of(tables.begin(), tables.end(), [&](const job::TableName& named) {
        return same_name(named.table, table.name) && (named.schema.empty() || same_name(named.schema, table.schema));
    });
}

void check_promises(const Statement& statement, const job::Job& job, const table::Selection& selection,
                    const std::string& place) {
    if (const auto reason = statement.breaks_exactly_once(); reason && !job.action.at_least_once)
        throw Error{ErrorKind::refused, place + ": " + *reason};
    if (!writes_table(statement, selection.table)) return;
    for (const std::string& assigned : statement.assigned_columns())
        for (const table::ColumnDescription& column : selection.key.columns)
            if (same_name(assigned, column.name))
                throw Error{ErrorKind::refused,
                            place + ": it assigns " + column.name +
                                ", a column of the key that rows are "
                                "read by: rows would be missed or met twice; choose another key_index, or "
                                "leave the key as it is"};
}

/// By default rows are locked where the statements alone could not notice that a row has stopped matching.
bool locks(const job::Job& job, const SqlPlan& plan) {
    if (job.action.lock) return *job.action.lock;
    // On another server the rows that were read may not be there to lock.
    if (!job.action.dsn.empty()) return false;
    if (plan.statements.size() > 1) return true;
    if (plan.selection->filter.empty() || plan.forms[0] == Form::range) return false;
    const Statement& only = plan.statements[0];
    const bool filters_itself = only.uses("filter") && (only.verb() == "UPDATE" || only.verb() == "DELETE");
    return !filters_itself;
}

/// A row's statement that has no row's statement beside it may be executed for the whole batch: beside another, the
/// rows' order would change.
void rewrite_single_row_statements(SqlPlan& plan, std::optional<std::string_view> source_schema) {
    for (std::size_t i = 0; i < plan.statements.size(); ++i) {
        if (plan.forms[i] != Form::row) continue;
        const bool alone = (i == 0 || plan.forms[i - 1] != Form::row) &&
                           (i + 1 == plan.forms.size() || plan.forms[i + 1] != Form::row);
        if (!alone) {
            while (i + 1 < plan.forms.size() && plan.forms[i + 1] == Form::row) ++i;
            continue;
        }
        if (auto batch = as_batch(plan.statements[i], *plan.selection, source_schema)) {
            plan.statements[i] = std::move(*batch);
            plan.forms[i] = Form::batch;
        } else {
            plan.one_row_each[i] = changes_one_row_each(plan.statements[i], *plan.selection, source_schema);
        }
    }
}

}  // namespace

bool SqlPlan::stretches_only() const {
    return statements.size() == 1 && forms[0] == Form::range && !lock && selection->partitions.empty() &&
           expect_rows == job::ActionSpec::ExpectRows::any;
}

bool SqlPlan::counts_what_is_there() const {
    return finds_by_key && !lock && expect_rows == job::ActionSpec::ExpectRows::any && selection->partitions.empty() &&
           (stretches_only() || (statements[0].verb() == "UPDATE" && selection->shape->columns.size() == 1));
}

std::vector<std::string> columns_used(const job::Job& job, const table::Description& table, const table::KeySpec& key) {
    Shape all;
    for (const table::ColumnDescription& column : table.columns) all.columns.push_back({column.name, column.type});
    std::vector<std::string> used;
    for (std::size_t i = 0; i < job.action.statements.size(); ++i) {
        const Statement statement = Statement::parse(job.action.statements[i], place_of_statement(job, i));
        for (const std::string& name : statement.placeholders()) {
            if (classify(name, job, all) != Placeholder::column) continue;
            const std::string& column = all.columns[*all.find(name)].name;
            const bool in_key = std::any_of(key.columns.begin(), key.columns.end(),
                                            [&](const auto& part) { return same_name(part.name, column); });
            if (!in_key && std::find(used.begin(), used.end(), column) == used.end()) used.push_back(column);
        }
    }
    return used;
}

SqlPlan prepare(const job::Job& job, const job::Params& params, std::uint64_t run_id, const std::string& run_started_at,
                std::shared_ptr<const table::Selection> selection) {
    check_param_names(job, *selection->shape);
    SqlPlan plan;
    plan.selection = std::move(selection);
    plan.fail_on_warnings = job.action.fail_on_warnings;
    plan.expect_rows = job.action.expect_rows;
    plan.constants.insert(params.begin(), params.end());
    for (const job::ParamSpec& param : job.params)
        if (const auto value = params.find(param.name);
            param.secret && value != params.end() && !value->second.is_null())
            plan.secrets.push_back(value->second.text());
    plan.constants.emplace("run_id", Value::unsigned_integer(run_id));
    plan.constants.emplace("run_started_at", Value{ValueType::datetime, run_started_at});
    for (std::size_t i = 0; i < job.action.statements.size(); ++i) {
        const std::string place = place_of_statement(job, i);
        plan.statements.push_back(Statement::parse(job.action.statements[i], place));
        check_reserved(plan.statements.back(), plan.selection->table, place);
        check_promises(plan.statements.back(), job, *plan.selection, place);
        plan.forms.push_back(form_of(plan.statements.back(), job, *plan.selection, place));
    }
    if (plan.statements.empty()) throw Error{ErrorKind::usage, "action.statement: an sql action needs a statement"};
    plan.one_row_each.assign(plan.statements.size(), false);
    plan.lock = locks(job, plan);
    std::optional<std::string_view> source_schema;
    if (job.action.dsn.empty()) source_schema = job.source.schema;
    rewrite_single_row_statements(plan, source_schema);
    plan.finds_by_key = plan.statements.size() == 1 && plan.forms[0] != Form::row &&
                        finds_rows_by_key(plan.statements[0], *plan.selection, source_schema);
    return plan;
}

std::string render_filter(const job::Job& job, const job::Params& params, const table::Quote& quote) {
    if (job.source.where.empty()) return {};
    const std::string place = place_of_filter(job);
    return fill(Statement::parse(job.source.where, place), [&](const std::string& name) {
        const auto value = params.find(name);
        if (value == params.end()) refuse_unknown(place, name, param_names(job));
        return quote(value->second);
    });
}

}  // namespace rowmill::action
