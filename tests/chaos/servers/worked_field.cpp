#include "worked_field.hpp"

#include "support/eventually.hpp"

#include <doctest/doctest.h>

namespace rowmill::test {
namespace {

/// What `--progress json` said at the end.
boost::json::object last_object(const std::string& lines) {
    const std::size_t start = lines.rfind("\n{") + 1;
    return boost::json::parse(std::string_view{lines}.substr(start, lines.find('\n', start) - start)).as_object();
}

}  // namespace

WorkedField::WorkedField(const MariaDb& server, Dice& dice, std::uint64_t rows)
    : session_{std::in_place, server.endpoint(), db::SessionSettings{}}, field_{*session_, dice} {
    session_->execute("CREATE DATABASE chaos");
    session_->execute("USE chaos");
    field_.sow(rows);
}

void WorkedField::look_at(const MariaDb& server) {
    session_.emplace(server.endpoint(), db::SessionSettings{});
    session_->execute("USE chaos");
    field_.look_through(*session_);
}

void WorkedField::start(const std::string& dsn, const std::string& statement, const std::string& run,
                        const std::vector<std::string>& flags) {
    start_job(dsn, job_over_field(statement, run), flags);
}

void WorkedField::start_job(const std::string& dsn, const std::string& job, const std::vector<std::string>& flags) {
    trial_.emplace(dsn_with_database(dsn, "chaos"), "chaos_store", job);
    start_again(flags);
}

void WorkedField::start_again(const std::vector<std::string>& flags) {
    std::vector<std::string> all{"--progress", "json"};
    all.insert(all.end(), flags.begin(), flags.end());
    processes_.push_back(trial_->start(all));
}

void WorkedField::reach(std::uint64_t done) {
    REQUIRE(eventually([&] { return has_ended(process()) || field_.done() >= done; }));
    REQUIRE(!has_ended(process()));
}

void WorkedField::check_end() {
    // Held back, so that it was not over before it was disturbed. Where it is over by now, that is refused.
    (void)trial_->command("set", {"1", "rate=0"});
    for (const auto& process : processes_) {
        const Finished finished = process->wait(std::chrono::seconds{60});
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        // What was done twice, since a server had lost it, is counted once. (Of several the first to end may not know all.)
        if (processes_.size() == 1)
            CHECK(last_object(finished.errors).at("settled").to_number<std::uint64_t>() == field_.rows());
    }
    processes_.clear();
    check_exactly_once(*trial_, field_);
}

std::string create_worker_account(db::Session& session) {
    session.execute("CREATE USER worker");
    session.execute("GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, ALTER, DROP, INDEX, REFERENCES ON *.* TO worker");
    return "worker";
}

std::string dsn_with_user(std::string dsn, const std::string& user) {
    return dsn.replace(dsn.find("root@"), 4, user);
}

}  // namespace rowmill::test
