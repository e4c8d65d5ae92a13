#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/mariadb.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <optional>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 20000;

/// Ends one of the other sessions that are in this schema. False where there is none, or it was gone already.
bool kill_a_connection(db::Session& session, Dice& dice) {
    const db::ResultSet others =
        session.query("SELECT id FROM information_schema.processlist WHERE db = DATABASE() AND id <> CONNECTION_ID()");
    if (others.empty()) return false;
    try {
        session.execute("KILL CONNECTION " + others.text(dice.between(0, others.rows.size() - 1), 0));
    } catch (const Error&) {
        return false;
    }
    return true;
}

}  // namespace

TEST_CASE("killed connections are made again without a restart, and no row is missed or repeated") {
    Dice dice{chaos_seed()};
    Schema schema;
    Field field{schema.session(), dice};
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        field.sow(rows);
        const Trial trial{schema.dsn(), schema.store_name(), job_over_field(form.statement, "rate = 5000\n")};
        const auto process = trial.start();
        REQUIRE(eventually([&] { return field.done() > 0 || has_ended(*process); }));
        unsigned kills = 0;
        // To the very end: the run has to be closed on a connection too.
        while (!has_ended(*process)) {
            if (kill_a_connection(schema.session(), dice)) ++kills;
            const std::uint64_t seen = field.done();
            (void)eventually([&] { return has_ended(*process) || field.done() >= seen + 300; });
        }
        const Finished finished = process->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        CHECK(kills >= 10);
        check_exactly_once(trial, field);
    }
}

TEST_CASE("a server that is killed and started again in the middle is waited for, and no row is missed or repeated") {
    Dice dice{chaos_seed()};
    MariaDb server;
    const std::string dsn = dsn_with_database(server.dsn(), "chaos");
    std::optional<db::Session> session;
    const auto connect = [&] {
        session.emplace(server.endpoint(), db::SessionSettings{});
        session->execute("CREATE DATABASE IF NOT EXISTS chaos");
        session->execute("USE chaos");
    };
    for (const Form& form : forms()) {
        CAPTURE(form.name);
        connect();
        std::optional<Field> field{std::in_place, *session, dice};
        field->sow(rows);
        const Trial trial{dsn, "chaos_store",
                          job_over_field(form.statement, "rate = 4000\nreconnect_for = \"60s\"\n")};
        const auto process = trial.start();
        for (unsigned restarts = 0; restarts < 3; ++restarts) {
            const std::uint64_t before = field->done();
            const std::uint64_t more = dice.between(1, 2000);
            REQUIRE(eventually([&] { return has_ended(*process) || field->done() >= before + more; }));
            CHECK(!has_ended(*process));
            server.kill();
            session.reset();
            server.start();
            connect();
        }
        (void)trial.command("set", {std::to_string(trial.status().at("run").to_number<std::uint64_t>()), "rate=0"});
        const Finished finished = process->wait();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        check_exactly_once(trial, *field);
    }
}
