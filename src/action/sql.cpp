#include "action/sql.hpp"

#include "action/rendering.hpp"
#include "action/secrets.hpp"
#include "action/warnings.hpp"
#include "action/work.hpp"

namespace rowmill::action {

SqlAction::SqlAction(std::shared_ptr<const SqlPlan> plan, std::function<db::Session&()> session)
    : plan_{std::move(plan)}, session_{std::move(session)} {}

void SqlAction::start(const engine::Batch& batch, engine::Context context, engine::Reply reply) {
    try {
        db::Session& session = session_();
        if (plan_->fail_on_warnings && set_up_connection_ != session.connection_id()) ask_for_all_warnings(session);
        engine::BatchOutcome outcome = Work{*plan_, session, std::move(context.stop), one_by_one_}.run(batch);
        set_up_connection_ = session.connection_id();
        reply.answer(std::move(outcome));
    } catch (const Error& error) {
        reply.fail(without_secrets(error, plan_->secrets));
    } catch (const std::exception& fault) {
        reply.fail(Error{ErrorKind::internal, std::string{"the sql action failed: "} + fault.what()});
    }
}

Items SqlAction::items_of(const engine::Batch& batch) {
    if (batch.has_items() && !batch.is_reckoned) return batch.items;
    return table::read_items(session_(), *plan_->selection, {batch.after, batch.upto, plan_->selection->descending});
}

std::vector<std::string> render(const SqlPlan& plan, const engine::Batch& batch, const table::Quote& quote) {
    const Rendering rendering{plan, quote};
    std::vector<std::string> sql;
    for (std::size_t i = 0; i < plan.statements.size(); ++i) {
        if (plan.stretches_only() && batch.items.empty())
            sql.push_back(rendering.for_stretch(i, {batch.after, batch.upto, plan.selection->descending}));
        else if (batch.items.empty())
            continue;
        else if (plan.forms[i] == SqlPlan::Form::row)
            sql.push_back(rendering.for_rows(i).for_row(batch.items[0], quote));
        else
            sql.push_back(rendering.for_batch(i, batch.items));
    }
    return sql;
}

std::optional<std::string> render_lock(const SqlPlan& plan, const engine::Batch& batch, const table::Quote& quote) {
    if (!plan.lock || batch.items.empty()) return std::nullopt;
    return Rendering{plan, quote}.lock(batch.items);
}

}  // namespace rowmill::action
