#pragma once

#include "db/session.hpp"
#include "support/seed.hpp"
#include "support/trial.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rowmill::test {

/// The seed of this run of the tests: ROWMILL_TEST_SEED, or another each time. Printed with every test.
std::uint64_t chaos_seed();

/// The ways to say `SET n = n + 1`, none of which may happen twice to a row.
struct Form {
    std::string name;
    std::string statement;
};
const std::vector<Form>& forms();

/// A table `t` (id, n) with clusters, gaps and a hole of 10^12 in its ids. A row's `n` counts what was done to it.
class Field {
public:
    /// `session` is in the table's schema.
    Field(db::Session& session, Dice& dice) : session_{&session}, dice_{dice} {}
    /// Looks at the table through another session from now on, of another server perhaps.
    void look_through(db::Session& session) { session_ = &session; }

    /// Makes the table anew, with `rows` rows of n = 0.
    void sow(std::uint64_t rows);
    std::uint64_t rows() const { return rows_; }
    /// The sum of n: how much was done so far.
    std::uint64_t done();
    /// How many rows of n = 0, and of n > 1, there are: "0 missed, 0 repeated" is what it should be.
    std::string faults();

private:
    db::Session* session_;
    Dice& dice_;
    std::uint64_t rows_ = 0;
};

/// A job over `t`; `run` is what [run] says beside small batches, small sacks and quick retries.
std::string job_over_field(const std::string& statement, const std::string& run = {});
/// The same without a statement: it only reads.
std::string reading_job();

/// Checks that every row was changed exactly once, and that the status of the newest run says so too.
void check_exactly_once(const Trial& trial, Field& field);

/// Sends SIGTERM twice; the second only when the first was taken, since pending signals of one kind are one.
void terminate_twice(Process& process);
/// Without reaping it.
bool has_ended(const Process& process);

}  // namespace rowmill::test
