#pragma once

#include "engine/lane.hpp"
#include "job/job.hpp"
#include "job/statement.hpp"
#include "table/pages.hpp"

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::action {

/// The `sql` action, prepared once for a run: statements parsed and checked, placeholders known to be columns,
/// parameters or keywords. Immutable and shared by all lanes.
struct SqlPlan {
    enum class Form : std::uint8_t {
        row,    ///< one execution an item: `:id`
        batch,  ///< one a batch: `:batch`, `:ids`, `:lo`/`:hi`
        range,  ///< one a stretch: `:range`; needs no items
    };

    std::vector<job::Statement> statements;  ///< a row's statement may already be rewritten as a batch's
    std::vector<Form> forms;
    /// By statement: of form `row`, and each execution changes exactly one row, or at most one, so that the sum of the
    /// executions tells how many matched. Only such statements may be sent by array binding.
    std::vector<bool> one_row_each;
    std::shared_ptr<const table::Selection> selection;
    std::map<std::string, Value, std::less<>> constants;  ///< parameters, run_id, run_started_at
    std::vector<std::string> secrets;                     ///< the values of secret parameters: no error shows them
    bool finds_by_key = false;  ///< one statement alone, which changes what it finds by the batch's keys and nothing else
    bool lock = false;
    bool fail_on_warnings = true;
    job::ActionSpec::ExpectRows expect_rows = job::ActionSpec::ExpectRows::any;

    /// Whether batches may come as stretches: one statement, of form `range`, without `lock`, no row to be told by
    /// name, and no partitions chosen: a stretch of keys holds the rows of all of them.
    bool stretches_only() const;
    /// Whether a batch may name keys of which it is not known that there are rows: they do no harm, and are not counted. Not lists
    /// of a DELETE: what there was when it has deleted some, and a foreign key others, nobody can count any more.
    bool counts_what_is_there() const;
};

/// The columns of the table that the job's statements name as placeholders, beside the key's: what the source must
/// read.
std::vector<std::string> columns_used(const job::Job& job, const table::Description& table, const table::KeySpec& key);

/// Checks and prepares. Throws Error{usage} for an unknown placeholder (with the nearest), a parameter named as a
/// placeholder or a column that is read, a placeholder of rowmill's own that is also a column of the table,
/// `:lo`/`:hi`/`:ids` on a key of several columns, `:lo`/`:hi` without `:filter` where there is a filter or partitions
/// are chosen, a batch placeholder beside a row's, a statement that names neither; Error{refused} for what breaks
/// exactly-once (unless `at_least_once`) and for a statement that assigns a key column.
SqlPlan prepare(const job::Job& job, const job::Params& params, std::uint64_t run_id, const std::string& run_started_at,
                std::shared_ptr<const table::Selection> selection);

/// The filter of a job with its parameters in place. Throws Error{usage} for a placeholder that is no parameter.
std::string render_filter(const job::Job& job, const job::Params& params, const table::Quote& quote);

/// Throws Error{usage} where the session reads a literal of the filter or of a statement otherwise than rowmill does,
/// because of its sql_mode, which may be the server's own. To be asked of the sessions that read and of those that
/// work, before anything else is made of the texts.
void check_literals(db::Session& session, const job::Job& job);

/// The statements as they would be sent for a batch (a row's: for its first item), for `plan` and EXPLAIN.
std::vector<std::string> render(const SqlPlan& plan, const engine::Batch& batch, const table::Quote& quote);
/// The SELECT … FOR UPDATE that would be sent before them; absent without `lock`.
std::optional<std::string> render_lock(const SqlPlan& plan, const engine::Batch& batch, const table::Quote& quote);

/// Which tables the statements write that can't roll back, which views stand before what they write, which foreign keys
/// cascade into the key: the reasons why exactly once can't hold, asked of the server. Empty: none.
std::vector<std::string> exactly_once_objections(db::Session& session, const SqlPlan& plan);

/// Executes a plan on one session, batch by batch, inside the transaction that the lane began; sends neither BEGIN nor
/// COMMIT. Answers in the caller's thread, with the outcome or the server's error; a row's fault carries `item_index`
/// where it is known. For one lane: not thread-safe.
class SqlAction : public engine::Action {
public:
    /// The session is asked for anew at each batch: the lane's transaction may have replaced it.
    SqlAction(std::shared_ptr<const SqlPlan> plan, std::function<db::Session&()> session);

    engine::Where runs_on() const override { return engine::Where::blocking; }
    void start(const engine::Batch& batch, engine::Context context, engine::Reply reply) override;
    Items items_of(const engine::Batch& batch) override;

private:
    std::shared_ptr<const SqlPlan> plan_;
    std::function<db::Session&()> session_;
    /// Set for good once a statement inside a packet gave warnings: the server tells only the last one's, so that from
    /// then on each travels alone.
    bool one_by_one_ = false;
    std::uint64_t set_up_connection_ = 0;  ///< the one that was told to keep all warnings
};

}  // namespace rowmill::action
