#pragma once

#include "db/endpoint.hpp"
#include "support/temporary_folder.hpp"

#include <string>
#include <vector>

namespace rowmill::test {

/// A MariaDB server of a test's own, in a temporary folder, that may be killed and started again on the same data.
/// Stopped, and the folder removed, by the destructor. Not thread-safe.
class MariaDb {
public:
    /// Starts it, with these options beside those of scripts/sandbox. Throws std::runtime_error where it can't.
    explicit MariaDb(std::vector<std::string> server_options = {});
    ~MariaDb();
    MariaDb(const MariaDb&) = delete;
    MariaDb& operator=(const MariaDb&) = delete;

    /// root with all privileges, without a database.
    const std::string& dsn() const { return dsn_; }
    db::Endpoint endpoint() const;
    /// Of the server that runs now.
    int pid() const;

    /// SIGKILL; returns when the process is gone.
    void kill();
    /// Shuts it down in order.
    void stop();
    /// Starts it again, after `kill` or `stop`, on the data it had. Does nothing where it runs.
    void start();

private:
    std::string run_sandbox(const std::string& verb) const;

    std::vector<std::string> options_;
    TemporaryFolder folder_;
    std::string dsn_;
};

}  // namespace rowmill::test
