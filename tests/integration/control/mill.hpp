#pragma once

#include "support/descriptor.hpp"
#include "support/eventually.hpp"
#include "support/server.hpp"
#include "support/shop.hpp"
#include "support/trial.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// A table `t` (id 1 … rows, n = 0) and a job that is slow enough to be steered while it is on.
class Mill {
public:
    explicit Mill(unsigned rows = 200, const std::string& dsn = {});

    /// Each row is a command that takes `seconds`, and then writes its id into the file `log`. `run` is what [run] says beside.
    void use_commands(const std::string& seconds, const std::string& run = "concurrency = 4\nsack_rows = 20");
    /// Each row is a command that writes its id into the file `log`, and takes until `let_go`.
    void use_held_commands(const std::string& run);
    void let_go() { gate_.close(); }
    /// Each row is an UPDATE of n, a few milliseconds long; three rows a batch.
    void use_updates(const std::string& run = {});

    /// The ids in the log, in its order.
    std::vector<unsigned> logged() const;
    /// Waits until so many are there.
    bool logs(std::size_t rows) const;
    std::uint64_t updated() { return std::stoull(schema.scalar("SELECT COALESCE(SUM(n), 0) FROM t")); }
    /// Waits until so many rows have been changed.
    bool updates(std::uint64_t rows);
    /// What `status --json` says under this name, as JSON.
    std::string status(const std::string& name) const;
    bool comes_to_be(const std::string& state) const;
    /// `rowmill VERB ARGUMENTS…`, and what it printed.
    Finished tell(const std::string& verb, const std::vector<std::string>& arguments) const { return trial.command(verb, arguments); }

    Schema schema;
    Trial trial;

private:
    Descriptor gate_;  ///< a lock that the held commands wait for
};

/// How long it takes, in seconds.
template <typename Do>
double seconds_of(Do action) {
    const auto began = std::chrono::steady_clock::now();
    action();
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

}  // namespace rowmill::test
