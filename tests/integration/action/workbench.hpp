#pragma once

#include "action/sql.hpp"
#include "support/server.hpp"
#include "table/description.hpp"

#include <doctest/doctest.h>

#include <map>
#include <memory>
#include <string>
#include <variant>
#include <vector>

namespace rowmill::test {

/// What a batch came to: an outcome, or the error that the engine would be given.
struct Came {
    std::optional<engine::BatchOutcome> outcome;
    std::optional<Error> error;

    std::string error_kind() const { return error ? std::string{name_of(error->kind())} : "none"; }
    /// "3:skip 7:skip", the outcomes that are told by position.
    std::string named() const;
};

/// A schema, and one table's jobs worked through batch by batch, each in a transaction as a lane would.
class Workbench {
public:
    explicit Workbench(db::SessionSettings settings = {});

    Schema& schema() { return schema_; }
    db::Session& session() { return *session_; }

    /// The table that jobs read from now on, by its primary key.
    void use(const std::string& table, const std::string& filter = "", bool descending = false);
    /// Only these partitions of the table are read from now on.
    void use_partitions(std::vector<std::string> partitions) { partitions_ = std::move(partitions); }
    /// A job of these statements over the table.
    job::Job job(std::vector<std::string> statements) const;
    std::shared_ptr<const action::SqlPlan> prepare(const job::Job& job, const job::Params& params = {});
    /// Reads the rows that match the condition, as a batch of the plan.
    engine::Batch read(const action::SqlPlan& plan, const std::string& condition = "1");

    /// Works on a batch in a transaction, which is committed, or rolled back at an error.
    Came work(const std::shared_ptr<const action::SqlPlan>& plan, const engine::Batch& batch);
    /// The same, with the action kept for the next batch.
    Came work(action::SqlAction& action, const engine::Batch& batch);
    /// Prepares, reads and works in one go.
    Came run(const job::Job& job, const std::string& condition = "1", const job::Params& params = {});

    std::string list(const std::string& sql);

private:
    Schema schema_;
    std::unique_ptr<db::Session> session_;
    std::string table_, filter_;
    std::vector<std::string> partitions_;
    bool descending_ = false;
};

inline bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
}

}  // namespace rowmill::test
