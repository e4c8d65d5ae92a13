#pragma once

#include "support/process.hpp"
#include "support/server.hpp"

#include <boost/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace rowmill::test {

/// A schema with the tables `books` (id 1 … rows, title 't' and the id, price 10) and `done`, in which the program of
/// tests/integration/app/program records its work; and that program, run on them as a user would. Schema and run store
/// go with the object.
class Bookshop {
public:
    explicit Bookshop(unsigned books = 20);

    void execute(std::string_view sql) { schema_.execute(sql); }
    std::string scalar(std::string_view sql) { return schema_.scalar(sql); }
    std::string store_name() const { return schema_.store_name(); }
    db::Endpoint endpoint() const { return schema_.endpoint(); }

    /// `bookshop ARGUMENTS…` with a run store of its own.
    Finished run(std::vector<std::string> arguments, std::chrono::milliseconds limit = std::chrono::seconds{120}) const;
    /// The newest run, as `bookshop status --json` tells it.
    boost::json::object status() const;
    std::vector<std::string> command(std::vector<std::string> arguments) const;
    ProcessOptions options() const;

private:
    Schema schema_;
};

bool says(std::string_view text, std::string_view part);

}  // namespace rowmill::test
