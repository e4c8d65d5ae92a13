#pragma once

#include <rowmill/context.hpp>
#include <rowmill/error.hpp>
#include <rowmill/export.hpp>
#include <rowmill/item.hpp>
#include <rowmill/job.hpp>
#include <rowmill/outcome.hpp>

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
/// are those of rowmill. One thread at a time.
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

private:
    struct Jobs;
    std::unique_ptr<Jobs> jobs_;
};

}  // namespace rowmill
