#include "workbench.hpp"

#include "table/condition.hpp"

namespace rowmill::test {

std::string Came::named() const {
    std::string text;
    for (const auto& [position, what] : outcome->named)
        text += (text.empty() ? "" : " ") + std::to_string(position) +
                (what.kind == Outcome::Kind::skip ? ":skip" : ":other");
    return text;
}

Workbench::Workbench(db::SessionSettings settings)
    : session_{std::make_unique<db::Session>(schema_.endpoint(), settings)} {}

void Workbench::use(const std::string& table, const std::string& filter, bool descending) {
    table_ = table;
    filter_ = filter;
    descending_ = descending;
}

job::Job Workbench::job(std::vector<std::string> statements) const {
    job::Job job;
    job.name = "test";
    job.file = "test.toml";
    job.source.table = table_;
    job.source.where = filter_;
    job.action.kind = "sql";
    job.action.statements = std::move(statements);
    return job;
}

std::shared_ptr<const action::SqlPlan> Workbench::prepare(const job::Job& job, const job::Params& params) {
    table::Selection selection;
    selection.table = table::describe(*session_, schema_.name(), job.source.table);
    selection.key = table::choose_key(selection.table, "");
    selection.shape = std::make_shared<const Shape>(
        table::shape_of(selection.table, selection.key, action::columns_used(job, selection.table, selection.key)));
    selection.descending = descending_;
    selection.partitions = partitions_;
    selection.filter = action::render_filter(job, params, [this](ValueView value) { return session_->quote(value); });
    return std::make_shared<const action::SqlPlan>(action::prepare(
        job, params, 7, "2024-02-29 23:59:59", std::make_shared<const table::Selection>(std::move(selection))));
}

engine::Batch Workbench::read(const action::SqlPlan& plan, const std::string& condition) {
    const table::Selection& selection = *plan.selection;
    auto block = std::make_shared<Block>(selection.shape);
    session_->stream("SELECT " + selection.columns() + " FROM " + selection.table.quoted() + " WHERE " + condition +
                         " ORDER BY " + table::order_by(selection.key, selection.descending),
                     [&](const db::RowView& row) {
                         for (std::size_t i = 0; i < row.size(); ++i)
                             row.is_null(i) ? block->append_null() : block->append(row[i]);
                     });
    engine::Batch batch;
    batch.items = Items{block};
    batch.count = batch.items.size();
    if (batch.count > 0) batch.upto = batch.items[batch.count - 1].key();
    return batch;
}

Came Workbench::work(action::SqlAction& action, const engine::Batch& batch) {
    session_->defer("BEGIN");
    session_->defer("SAVEPOINT rowmill");
    Came came;
    action.start(batch, {}, engine::Reply{[&](engine::Reply::Answer answer) {
                     if (auto* outcome = std::get_if<engine::BatchOutcome>(&answer)) came.outcome = std::move(*outcome);
                     if (auto* error = std::get_if<Error>(&answer)) came.error = std::move(*error);
                 }});
    if (came.outcome) session_->execute("RELEASE SAVEPOINT rowmill");
    session_->execute(came.outcome ? "COMMIT" : "ROLLBACK");
    return came;
}

Came Workbench::work(const std::shared_ptr<const action::SqlPlan>& plan, const engine::Batch& batch) {
    action::SqlAction action{plan, [this]() -> db::Session& { return *session_; }};
    return work(action, batch);
}

Came Workbench::run(const job::Job& job, const std::string& condition, const job::Params& params) {
    const auto plan = prepare(job, params);
    return work(plan, read(*plan, condition));
}

std::string Workbench::list(const std::string& sql) {
    std::string text;
    for (const auto& row : schema_.session().query(sql).rows)
        text += (text.empty() ? "" : " ") + row.at(0).value_or("NULL");
    return text;
}

}  // namespace rowmill::test
