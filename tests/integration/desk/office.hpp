#pragma once

#include "run/background.hpp"
#include "run/desk.hpp"
#include "store/store.hpp"
#include "support/counted_table.hpp"
#include "support/eventually.hpp"
#include "support/server.hpp"
#include "support/temporary_folder.hpp"
#include "support/trial.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>

namespace rowmill::test {

/// A process that offers jobs and works on their runs, and may end: what `rowmill serve` is made of, without its pages.
struct Office {
    Office(const db::Endpoint& server, const std::string& schema, const std::string& jobs)
        : catalog{run::job_folder(jobs, server, schema)}, desk{run::make_desk({server, {}}, schema, *catalog, runs, channels)} {}

    progress::Channels channels;
    run::BackgroundRuns runs{channels};
    std::shared_ptr<run::Catalog> catalog;
    std::unique_ptr<run::Desk> desk;
};

/// A table `t` (id 1 … rows, n = 0), a folder of jobs that change it, and an office. Rows are worked on while there is no file `hold`.
class Town {
public:
    explicit Town(unsigned rows = 60);

    /// Writes a job file: n = n + 1, three rows a batch, unless something else is said. `rate`: so many rows a second, 0: all that it can.
    void offer(const std::string& name, const std::string& statement = "UPDATE t SET n = n + 1 WHERE id = :id", const std::string& more = {},
               unsigned rate = 0);
    /// A job of few rows a second, so that something can be done while they are worked on.
    void offer_slow(const std::string& name) { offer(name, "UPDATE t SET n = n + 1 + SLEEP(0.02) WHERE id = :id", {}, 20); }
    /// Lets a slow job's run, which is being worked on, go as fast as it can.
    void hurry(std::uint64_t run) { desk().set(run, {{"rate", "0"}}); }
    std::string path_of(const std::string& name) const { return jobs.path() + "/" + name + ".toml"; }
    void hold();
    void let_go();

    std::string scalar(const std::string& sql) { return schema.scalar(sql); }
    std::string state_of(std::uint64_t run) { return office->desk->run(run).value().state; }
    bool comes_to_be(std::uint64_t run, const std::string& state) {
        return eventually([&] { return state_of(run) == state; });
    }
    bool has_settled_some(std::uint64_t run) {
        return eventually([&] { return office->desk->run(run).value().settled > 0; });
    }
    bool is_done_once() { return is_counted_once(schema); }
    run::Desk& desk() { return *office->desk; }
    /// This process ends, and another one begins.
    void reopen();

    Schema schema;
    TemporaryFolder jobs, files;
    const db::Endpoint server = schema.endpoint();
    std::unique_ptr<Office> office;
};

/// The error that a call throws, which must be one.
template <typename Wanted = Error, typename Call>
Wanted error_of(Call call) {
    try {
        call();
    } catch (const Wanted& error) {
        return error;
    }
    FAIL("nothing of the kind was thrown");
    throw;
}

/// A watcher's view: everything that the channel has told, to its end.
struct Watcher {
    explicit Watcher(const std::shared_ptr<progress::Channel>& channel) : subscription{channel->subscribe([] {})} {}

    /// Looks again and again until the channel ends. False where it does not.
    bool to_the_end();
    void look();
    bool has_read(const std::string& part) const { return text.find(part) != std::string::npos; }

    std::shared_ptr<progress::Subscription> subscription;
    std::optional<progress::Snapshot> last;
    std::shared_ptr<const progress::Summary> summary;
    std::string text;  ///< its lines
    std::size_t states = 0;  ///< how often another number of settled rows was seen
    bool is_over = false;
};

}  // namespace rowmill::test
