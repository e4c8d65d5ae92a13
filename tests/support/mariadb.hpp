#pragma once

#include "db/endpoint.hpp"
#include "support/temporary_folder.hpp"

#include <filesystem>
#include <string>
#include <vector>

namespace rowmill::test {

/// A MariaDB server of a test's own, in a temporary folder, that may be killed and started again on the same data.
/// Stopped, and the folder removed, by the destructor. Not thread-safe.
class MariaDb {
public:
    /// Starts it, with these options beside those of scripts/sandbox. Throws std::runtime_error where it can't.
    explicit MariaDb(std::vector<std::string> server_options = {});
    /// One that keeps a binary log, for replicas to follow.
    static MariaDb primary(std::vector<std::string> server_options = {});
    /// One whose folder is within this one.
    static MariaDb in(const std::string& parent, std::vector<std::string> server_options = {});
    /// One that follows a primary, and has caught up with it. It is read-only, but for root.
    static MariaDb replica_of(const MariaDb& primary, std::vector<std::string> server_options = {});
    ~MariaDb();
    MariaDb(const MariaDb&) = delete;
    MariaDb& operator=(const MariaDb&) = delete;

    /// root with all privileges, without a database.
    const std::string& dsn() const { return dsn_; }
    db::Endpoint endpoint() const;
    /// On 127.0.0.1, of a primary or a replica. root may log in there too.
    unsigned port() const;
    /// Where its socket, its log and its data are.
    const std::string& folder() const { return folder_.path(); }
    /// Of the server that runs now.
    int pid() const;

    /// SIGKILL; returns when the process is gone.
    void kill();
    /// Shuts it down in order.
    void stop();
    /// Starts it again, after `kill` or `stop`, on the data it had. Does nothing where it runs.
    void start();
    /// Makes a replica a primary that takes writes, once it has applied all that it has received.
    void promote();

private:
    /// The verb of scripts/sandbox, and what follows the folder.
    MariaDb(const std::vector<std::string>& first_start, std::vector<std::string> server_options,
            const std::string& parent = std::filesystem::temp_directory_path());
    void run_server(std::vector<std::string> verb);
    std::string run_sandbox(std::vector<std::string> verb) const;

    std::vector<std::string> options_;
    TemporaryFolder folder_;
    std::string dsn_;
};

}  // namespace rowmill::test
