#pragma once

#include "support/process.hpp"
#include "support/temporary_folder.hpp"

#include <boost/json.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// A job as a user has it: a file in a folder of its own, a server, a run store; and the program, run on them again and
/// again. The folder is removed by the destructor. Not thread-safe.
class Trial {
public:
    /// `dsn` names the schema that the job works on, `store_schema` the run store that its runs are recorded in.
    Trial(std::string dsn, std::string store_schema, const std::string& job);

    /// Writes the job's file anew.
    void set_job(const std::string& job) const;
    /// Where the job's file is, and what a test puts beside it.
    const std::string& folder() const { return folder_.path(); }
    /// A variable for the program from now on.
    void set_variable(const std::string& name, const std::string& value) { variables_[name] = value; }
    /// Where the program connects to from now on.
    void set_dsn(std::string dsn) { dsn_ = std::move(dsn); }

    /// `rowmill run JOB FLAGS…`, running. `failpoint` is as ROWMILL_FAILPOINT says it; empty: none.
    std::unique_ptr<Process> start(const std::vector<std::string>& flags = {}, const std::string& failpoint = {}) const;
    /// The same, to its end.
    Finished run(const std::vector<std::string>& flags = {}, const std::string& failpoint = {}) const;
    /// What `rowmill status --json` prints of the newest run.
    boost::json::object status() const;
    /// `rowmill VERB ARGUMENTS…` on the same server and run store.
    Finished command(const std::string& verb, const std::vector<std::string>& arguments) const;
    /// The same, begun.
    std::unique_ptr<Process> start_command(const std::string& verb, std::vector<std::string> arguments,
                                           const std::string& failpoint = {}) const;

private:
    std::string dsn_;
    std::string store_schema_;
    TemporaryFolder folder_;
    std::map<std::string, std::string> variables_;
};

/// `dsn` with this database in its path.
std::string dsn_with_database(const std::string& dsn, const std::string& database);

}  // namespace rowmill::test
