#pragma once

#include <rowmill/context.hpp>
#include <rowmill/error.hpp>
#include <rowmill/export.hpp>
#include <rowmill/item.hpp>
#include <rowmill/job.hpp>
#include <rowmill/outcome.hpp>
#include <rowmill/run.hpp>

#include <map>
#include <memory>
#include <string>

namespace rowmill {

/// A program whose commands are jobs:
///
///     int main(int argc, char** argv) {
///         rowmill::App app{"bookshop", "Batch jobs of the bookshop"};
///         app.job("previews", "Create previews")
///             .param<std::int64_t>("publisher_id", "Process books of PUBLISHER_ID")
///             .table("books").where("publisher_id = :publisher_id").columns({"title"})
///             .each([](const rowmill::Item& book, rowmill::Context& context) { … return rowmill::success(); });
///         return app.main(argc, argv);
///     }
///
/// `bookshop previews 6 --concurrency 64` works through the table, or goes on with the unfinished run of the same
/// parameters; `bookshop plan previews 6` tells what that would do. `status`, `failures`, `doctor` and `init`
/// are those of rowmill. One thread at a time, but for `start`.
class ROWMILL_EXPORT App {
public:
    App(std::string name, std::string description);
    ~App();
    App(const App&) = delete;
    App& operator=(const App&) = delete;

    /// A new job, to be declared further; it lives as long as the app.
    Job& job(std::string name, std::string description);

    /// Does what the command line asks for, and returns the program's exit code, which is that of `rowmill`. Prints
    /// errors and throws none. Handles SIGINT and SIGTERM while a job runs; to be called before other threads are
    /// started, so that they leave these signals to it.
    int main(int argc, char** argv);

    /// Begins a run of a job beside what else the program does, or goes on with the unfinished one of these parameters, and returns when
    /// the run is known. `params`: what the command line would say, by their names. Throws Error for what is found before the first row:
    /// a parameter that is missing or ill-typed, a server that can't be reached, another process that works on the run. Leaves signals
    /// alone. Thread-safe once the jobs are declared; a run may outlive its app.
    Run start(const std::string& job, const std::map<std::string, std::string>& params = {}, const RunOptions& options = {});

private:
    struct Jobs;
    std::shared_ptr<Jobs> jobs_;
};

}  // namespace rowmill
