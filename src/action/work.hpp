#pragma once

#include "action/lock.hpp"
#include "action/packets.hpp"

namespace rowmill::action {

/// One batch of a plan, worked through on one session: locks, executes, and judges what the server answers.
class Work {
public:
    /// `one_by_one`: every statement travels alone, so that its warnings can be read; set where that turns out to be
    /// needed.
    Work(const SqlPlan& plan, db::Session& session, std::stop_token stop, bool& one_by_one);

    /// Throws the server's errors; Error{row} for a row that failed the plan's conditions, with its position in the
    /// batch where that is known.
    engine::BatchOutcome run(const engine::Batch& batch);

private:
    void run_stretch(const engine::Batch& batch);
    void lock(const Items& items);
    /// Errors leave it with the position in the batch of the row at fault, where it is known.
    void execute();
    void execute_all();
    void add_batch_statement(std::size_t statement);
    void add_row_statements(std::size_t first, std::size_t last);
    bool can_bind(std::size_t statement, const RowTemplate& row) const;
    void execute_bound(const RowTemplate& row);

    void judge(const Execution& execution, const db::Executed& executed, bool last);
    void judge_count(std::uint64_t matched, std::uint64_t expected);
    std::uint64_t count_reckoned(std::uint64_t matched);
    void judge_row(std::size_t row, std::uint64_t matched);
    [[noreturn]] void fail_unmatched(std::optional<std::size_t> row) const;
    void read_warnings(const db::Executed& executed, bool for_batch);

    const SqlPlan& plan_;
    db::Session& session_;
    std::stop_token stop_;
    bool& one_by_one_;
    table::Quote quote_;
    Rendering rendering_;
    Rows rows_;
    engine::BatchOutcome outcome_;
    std::optional<table::Range> reckoned_;  ///< where the batch's keys were not read
    std::optional<Packets> packets_;
};

}  // namespace rowmill::action
