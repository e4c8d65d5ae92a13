#include "action/work.hpp"

#include "action/warnings.hpp"

#include <algorithm>

namespace rowmill::action {
namespace {

using Form = SqlPlan::Form;
using ExpectRows = job::ActionSpec::ExpectRows;

bool has_token(const job::Statement& statement, std::string_view token) {
    const auto& tokens = statement.tokens();
    return std::find(tokens.begin(), tokens.end(), token) != tokens.end();
}

/// Whether the server's count says how many rows of a batch a statement for all of them dealt with.
bool counts_rows(const job::Statement& statement) {
    if (statement.verb() == "INSERT" || statement.verb() == "REPLACE")
        return has_token(statement, "SELECT") && !has_token(statement, "GROUP") && !has_token(statement, "DISTINCT");
    return statement.verb() == "UPDATE" || statement.verb() == "DELETE";
}

/// Whether an execution for one row that changed none says that the row was not matched.
bool tells_unmatched(const job::Statement& statement) {
    return statement.verb() == "INSERT" || statement.verb() == "REPLACE" || counts_rows(statement);
}

/// Types whose bound value is on the server what their literal is: a literal 0.1 is a decimal there, bound it is a
/// double.
bool binds_as_written(ValueType type) {
    return type != ValueType::number && type != ValueType::timestamp;
}

constexpr std::size_t most_bound_rows = 4000;

}  // namespace

Work::Work(const SqlPlan& plan, db::Session& session, std::stop_token stop, bool& one_by_one)
    : plan_{plan},
      session_{session},
      stop_{std::move(stop)},
      one_by_one_{one_by_one},
      quote_{[&session](ValueView value) { return session.quote(value); }},
      rendering_{plan_, quote_} {}

engine::BatchOutcome Work::run(const engine::Batch& batch) {
    if (batch.is_reckoned) reckoned_ = table::Range{batch.after, batch.upto, plan_.selection->descending};
    if (plan_.stretches_only() && batch.items.empty()) {
        run_stretch(batch);
        return std::move(outcome_);
    }
    Items items = batch.items;
    if (!batch.has_items()) {
        items = table::read_items(session_, *plan_.selection, {batch.after, batch.upto, plan_.selection->descending});
        outcome_.counted = items.size();
    }
    if (items.empty()) return std::move(outcome_);
    if (plan_.lock)
        lock(items);
    else
        rows_.items = std::move(items);
    if (!rows_.items.empty()) execute();
    std::sort(outcome_.named.begin(), outcome_.named.end(),
              [](const auto& a, const auto& b) { return a.first < b.first; });
    return std::move(outcome_);
}

void Work::run_stretch(const engine::Batch& batch) {
    const std::string sql = rendering_.for_stretch(0, {batch.after, batch.upto, plan_.selection->descending});
    check_size(session_, sql);
    const db::Executed executed = session_.execute(sql);
    read_warnings(executed, true);
    if (counts_rows(plan_.statements[0])) outcome_.counted = executed.matched;
}

void Work::lock(const Items& items) {
    rows_ = lock_rows(session_, plan_, rendering_, items);
    if (rows_.items.size() == items.size()) return;
    std::size_t next = 0;
    for (std::uint32_t position = 0; position < items.size(); ++position) {
        if (next < rows_.positions.size() && rows_.positions[next] == position)
            ++next;
        else
            outcome_.named.emplace_back(position, skip("no longer matches the filter"));
    }
}

void Work::execute() {
    try {
        execute_all();
    } catch (Error& error) {
        if (!error.item_index && rows_.items.size() == 1) error.item_index = 0;
        if (error.item_index) error.item_index = rows_.position(*error.item_index);
        throw;
    }
}

void Work::execute_all() {
    // Of one row's statements each must be asked for its warnings, or a harmless one would make it a dead letter.
    const bool alone = one_by_one_ || (plan_.fail_on_warnings && rows_.items.size() == 1);
    packets_.emplace(session_, stop_, alone,
                     [this](const Execution& execution, const db::Executed& executed, bool last) {
                         judge(execution, executed, last);
                     });
    for (std::size_t i = 0; i < plan_.statements.size();) {
        std::size_t end = i + 1;
        if (plan_.forms[i] != Form::row) {
            add_batch_statement(i);
        } else {
            while (end < plan_.forms.size() && plan_.forms[end] == Form::row) ++end;
            add_row_statements(i, end);
        }
        i = end;
    }
    packets_->flush();
}

void Work::add_batch_statement(std::size_t statement) {
    packets_->add(rendering_.for_batch(statement, rows_.items), {statement, {}});
}

/// All statements of a row before those of the next.
void Work::add_row_statements(std::size_t first, std::size_t last) {
    std::vector<RowTemplate> templates;
    for (std::size_t statement = first; statement < last; ++statement)
        templates.push_back(rendering_.for_rows(statement));
    if (templates.size() == 1 && can_bind(first, templates[0])) {
        execute_bound(templates[0]);
        return;
    }
    for (std::size_t row = 0; row < rows_.items.size(); ++row)
        for (std::size_t statement = first; statement < last; ++statement)
            packets_->add(templates[statement - first].for_row(rows_.items[row], quote_), {statement, row});
}

bool Work::can_bind(std::size_t statement, const RowTemplate& row) const {
    if (!plan_.one_row_each[statement] || rows_.items.size() < 2 || !session_.server().has_array_binding) return false;
    return std::all_of(row.columns.begin(), row.columns.end(), [this](std::size_t column) {
        return binds_as_written(plan_.selection->shape->columns[column].type);
    });
}

void Work::execute_bound(const RowTemplate& row) {
    packets_->flush();
    const std::string sql = row.for_binding();
    const std::size_t most_bytes = static_cast<std::size_t>(session_.max_allowed_packet() / 2);
    std::uint64_t matched = 0;
    std::vector<std::vector<Value>> bound;
    std::size_t bytes = 0;
    const auto send = [&] {
        if (stop_.stop_requested()) throw Error{ErrorKind::stopped, "asked to stop in the middle of a batch"};
        const db::Executed executed = session_.execute_bulk(sql, bound);
        read_warnings(executed, false);
        matched += executed.matched;
        bound.clear();
        bytes = 0;
    };
    for (std::size_t i = 0; i < rows_.items.size(); ++i) {
        const Item item = rows_.items[i];
        std::vector<Value> values;
        std::size_t size = 0;
        for (const std::size_t column : row.columns) {
            values.emplace_back(item.at(column));
            size += item.at(column).text().size() + 16;
        }
        if (!bound.empty() && (bound.size() >= most_bound_rows || bytes + size > most_bytes)) send();
        bytes += size;
        bound.push_back(std::move(values));
    }
    send();
    judge_count(matched, rows_.items.size());
}

void Work::judge(const Execution& execution, const db::Executed& executed, bool last) {
    const bool for_batch = !execution.row.has_value();
    if (executed.warnings > 0) {
        if (last) {
            try {
                read_warnings(executed, for_batch);
            } catch (Error& error) {
                error.item_index = execution.row;
                throw;
            }
        } else if (plan_.fail_on_warnings) {
            one_by_one_ = true;
            throw Error{ErrorKind::row, "a statement gave warnings, to be looked at one by one"};
        }
    }
    if (for_batch) {
        if (counts_rows(plan_.statements[execution.statement])) judge_count(executed.matched, rows_.items.size());
    } else if (tells_unmatched(plan_.statements[execution.statement])) {
        judge_row(*execution.row, executed.matched);
    }
}

void Work::judge_count(std::uint64_t matched, std::uint64_t expected) {
    if (matched >= expected) return;
    if (plan_.expect_rows == ExpectRows::batch) fail_unmatched({});
    if (reckoned_) expected = outcome_.counted.emplace(count_reckoned(matched));
    if (plan_.statements.size() == 1) outcome_.skipped += expected - matched;
}

/// How many rows there are, of which the statement has matched some.
std::uint64_t Work::count_reckoned(std::uint64_t matched) {
    return std::max(matched, table::count_items(session_, *plan_.selection, *reckoned_));
}

void Work::judge_row(std::size_t row, std::uint64_t matched) {
    if (matched > 0) return;
    if (plan_.expect_rows == ExpectRows::batch) fail_unmatched(row);
    if (plan_.statements.size() == 1)
        outcome_.named.emplace_back(rows_.position(row), skip("the statement matched no row"));
}

void Work::fail_unmatched(std::optional<std::size_t> row) const {
    Error error{ErrorKind::row, "the statement matched no row, and expect_rows = \"batch\" asks for every one"};
    error.item_index = row;
    throw error;
}

void Work::read_warnings(const db::Executed& executed, bool for_batch) {
    if (executed.warnings == 0 || (!plan_.fail_on_warnings && !for_batch)) return;
    const std::vector<db::Warning> seen = session_.warnings();
    judge_warnings(seen, executed.warnings, plan_.fail_on_warnings);
}

}  // namespace rowmill::action
