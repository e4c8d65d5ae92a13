#pragma once

#include "support/field.hpp"
#include "support/mariadb.hpp"

#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::test {

/// A field in the schema `chaos` of a server, and a run over it that is to come through whatever befalls that server.
class WorkedField {
public:
    /// Sows the field.
    WorkedField(const MariaDb& server, Dice& dice, std::uint64_t rows);

    /// Looks at the field on this server from now on, which may be the same one, started again.
    void look_at(const MariaDb& server);
    Field& field() { return field_; }
    db::Session& session() { return *session_; }

    /// Starts the run at this DSN (without a database), with the small batches of `job_over_field` and what `run` says
    /// in [run] beside them.
    void start(const std::string& dsn, const std::string& statement, const std::string& run,
               const std::vector<std::string>& flags = {});
    void start_job(const std::string& dsn, const std::string& job, const std::vector<std::string>& flags);
    /// Starts it again, the last process having ended; another one beside it, with {"--join"}.
    void start_again(const std::vector<std::string>& flags = {});
    const Trial& trial() const { return *trial_; }
    Trial& trial() { return *trial_; }
    /// The process that was started last.
    Process& process() { return *processes_.back(); }

    /// Waits until so many rows are done; the processes must still be at it.
    void reach(std::uint64_t done);
    /// All processes, which may go as fast as they can from now on, must end by themselves with exit 0, with each row done once by the
    /// data of the server that is looked at.
    void check_end();

private:
    std::optional<db::Session> session_;
    Field field_;
    std::optional<Trial> trial_;
    std::vector<std::unique_ptr<Process>> processes_;
};

/// An account that may do what a run needs and nothing that goes round a server's limits, as root does: read_only binds it,
/// and max_connections. Its name; it has no password.
std::string create_worker_account(db::Session& session);

/// `dsn`, of root, with another user.
std::string dsn_with_user(std::string dsn, const std::string& user);

}  // namespace rowmill::test
