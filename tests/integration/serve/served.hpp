#pragma once

#include "support/counted_table.hpp"
#include "support/eventually.hpp"
#include "support/process.hpp"
#include "support/raw_client.hpp"
#include "support/server.hpp"
#include "support/temporary_folder.hpp"

#include <doctest/doctest.h>

#include <boost/json.hpp>

#include <memory>
#include <string>
#include <vector>

namespace rowmill::test {

/// A table `t` (id 1 … rows, n = 0), a folder with a job `count` that adds 1 to n, slowly, and `rowmill serve` on them.
class Served {
public:
    explicit Served(unsigned rows = 300);

    /// `rowmill serve FLAGS…` at a port of its own, once it listens.
    void start(const std::vector<std::string>& flags = {});
    /// The same command, to its end.
    Finished refused(const std::vector<std::string>& flags) const;
    /// `rowmill VERB ARGUMENTS…` on the same store.
    Finished rowmill(const std::string& verb, std::vector<std::string> arguments) const;
    void write(const std::string& name, const std::string& text) const;

    RawAnswer get(const std::string& path) const;
    RawAnswer post(const std::string& path, const std::string& json) const;
    /// Begins the job; its run.
    std::uint64_t begin(const std::string& job = "count") const;
    boost::json::object run(std::uint64_t run) const;
    bool has_settled_some(std::uint64_t run) const;
    /// As `rowmill status` tells it.
    std::string state_of(std::uint64_t run) const;
    bool is_done_once() { return is_counted_once(schema); }

    Schema schema;
    TemporaryFolder folder;
    std::unique_ptr<Process> process;
    std::uint16_t port = 0;

private:
    std::vector<std::string> command(const std::vector<std::string>& flags) const;
    ProcessOptions options() const { return {.environment = {{"ROWMILL_DSN", schema.dsn()}}, .input = {}, .folder = {}}; }
    std::string host() const { return "127.0.0.1:" + std::to_string(port); }
};

}  // namespace rowmill::test
