#include "support/eventually.hpp"
#include "support/field.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 12000;

/// The table that a migration and other sessions share. `status` 0 is what the migration looks for and sets to 1; the
/// others take rows out of its sight (`status` 2, `parked` 1) and put some back, count in `visits`, insert and delete.
/// They leave ids that are no multiple of 3 alone.
void make_table(db::Session& session) {
    session.execute("DROP TABLE IF EXISTS t, gone");
    session.execute(
        "CREATE TABLE t (id INT NOT NULL PRIMARY KEY, status TINYINT NOT NULL DEFAULT 0, "
        "n INT NOT NULL DEFAULT 0, parked TINYINT NOT NULL DEFAULT 0, moved TINYINT NOT NULL DEFAULT 0, "
        "visits INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
    session.execute("CREATE TABLE gone LIKE t");
    std::string insert = "INSERT INTO t (id, status) VALUES ";
    for (std::uint64_t i = 1; i <= rows; ++i)
        insert += (i == 1 ? "(" : ",(") + std::to_string(i * 2) + (i % 10 == 0 ? ",2)" : ",0)");
    session.execute(insert);
    session.execute("UPDATE t SET parked = 1 WHERE status = 2");
}

/// Another session that works on the table until it is told to stop.
class Neighbour {
public:
    Neighbour(const Schema& schema, std::uint64_t seed)
        : dice_{seed}, session_{schema.endpoint(), settings()}, thread_{[this](const std::stop_token& stop) {
              const db::ThreadScope scope;
              while (!stop.stop_requested()) act();
          }} {}

    void stop() {
        thread_.request_stop();
        thread_.join();
    }
    std::uint64_t visits() const { return visits_; }

private:
    static db::SessionSettings settings() {
        db::SessionSettings settings;
        settings.isolation = "READ COMMITTED";
        return settings;
    }

    void act() {
        const std::string id = std::to_string(dice_.between(1, rows * 2 / 3) * 3);
        try {
            switch (dice_.between(0, 5)) {
                case 0:
                    session_.execute("UPDATE t SET status = 2, parked = 1, moved = 1 WHERE id = " + id +
                                     " AND status = 0");
                    break;
                case 1:
                    session_.execute("UPDATE t SET status = 0, parked = 0, moved = 1 WHERE id = " + id +
                                     " AND status = 2 AND parked = 1");
                    break;
                case 2:
                    remove(id);
                    break;
                case 3:
                    insert(id);
                    break;
                default:
                    visits_ += session_.execute("UPDATE t SET visits = visits + 1 WHERE id = " + id).matched;
                    break;
            }
        } catch (const Error& error) {
            if (error.kind() != ErrorKind::replay) throw;
            session_.execute("ROLLBACK");
        }
    }

    /// What is deleted is kept elsewhere, as it was.
    void remove(const std::string& id) {
        session_.execute("BEGIN");
        session_.query("SELECT id FROM t WHERE id = " + id + " FOR UPDATE");
        session_.execute("INSERT INTO gone SELECT * FROM t WHERE id = " + id + " AND id NOT IN (SELECT id FROM gone)");
        session_.execute("DELETE FROM t WHERE id = " + id + " AND EXISTS (SELECT 1 FROM gone WHERE gone.id = t.id)");
        session_.execute("COMMIT");
    }

    void insert(const std::string& id) {
        session_.execute("INSERT INTO t (id, status, parked, moved) SELECT " + id + ", " +
                         (dice_.chance(0.5) ? "0, 0" : "2, 1") +
                         ", 1 WHERE NOT EXISTS (SELECT 1 FROM gone WHERE id = " + id +
                         ") AND NOT EXISTS (SELECT 1 FROM t WHERE id = " + id + ")");
    }

    Dice dice_;
    db::Session session_;
    std::uint64_t visits_ = 0;
    std::jthread thread_;
};

std::string job(const std::string& statement) {
    return "[job]\nname = \"neighbours\"\n[source]\ntable = \"t\"\nwhere = \"status = 0\"\nsettle = \"0\"\n"
           "[action]\nkind = \"sql\"\nstatement = \"" +
           statement +
           "\"\n[run]\nworkers = 3\nbatch = 40\ntarget_time = \"0\"\nsack_rows = 1000\nrate = 8000\n"
           "backoff = \"10ms..200ms\"\n";
}

void check_rows(Schema& schema, std::uint64_t visits) {
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE n > 1") == "0");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE (n = 1) <> (status = 1)") == "0");
    // Whatever was out of sight at its turn was left alone.
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE n = 1 AND parked = 1") == "0");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE status = 2 AND parked = 0") == "0");
    // What nobody else touched was done, and what is still to be seen came into sight after its turn.
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE id % 3 <> 0 AND id % 20 <> 0 AND n <> 1") == "0");
    CHECK(schema.scalar("SELECT COUNT(*) FROM t WHERE status = 0 AND moved = 0") == "0");
    // Nobody's update was lost.
    CHECK(schema.scalar("SELECT (SELECT SUM(visits) FROM t) + (SELECT COALESCE(SUM(visits), 0) FROM gone)") ==
          std::to_string(visits));
}

}  // namespace

TEST_CASE("rows that others change, delete and insert meanwhile are skipped or done, and none is touched wrongly") {
    Dice dice{chaos_seed()};
    Schema schema;
    for (const std::string condition :
         {"id = :id", ":batch", ":range", "id IN (:ids)", "id BETWEEN :lo AND :hi AND :filter"}) {
        CAPTURE(condition);
        make_table(schema.session());
        const Trial trial{schema.dsn(), schema.store_name(),
                          job("UPDATE t SET n = n + 1, status = 1 WHERE " + condition)};
        Neighbour neighbour{schema, dice.bits()};
        for (unsigned kills = 0; kills < 2; ++kills) {
            const auto process = trial.start();
            const auto done = [&] { return std::stoull(schema.scalar("SELECT COALESCE(SUM(n), 0) FROM t")); };
            const std::uint64_t before = done();
            REQUIRE(eventually([&] { return done() >= before + 1000 || has_ended(*process); }));
            process->kill();
            CHECK(process->wait().how() == "signal 9");
        }
        const Finished finished = trial.run();
        neighbour.stop();
        INFO(finished.errors);
        CHECK(finished.how() == "exit 0");
        check_rows(schema, neighbour.visits());
        const auto status = trial.status();
        const std::string changed =
            schema.scalar("SELECT (SELECT SUM(n) FROM t) + (SELECT COALESCE(SUM(n), 0) FROM gone)");
        // BETWEEN changes the rows that came between the batch's since it was read, too, and they are not counted.
        if (condition.find(":lo") == std::string::npos)
            CHECK(std::to_string(status.at("succeeded").to_number<std::uint64_t>()) == changed);
        else
            CHECK(status.at("succeeded").to_number<std::uint64_t>() <= std::stoull(changed));
        CHECK(status.at("settled").to_number<std::uint64_t>() ==
              status.at("succeeded").to_number<std::uint64_t>() + status.at("skipped").to_number<std::uint64_t>());
        CHECK(status.at("failed").to_number<std::uint64_t>() == 0);
    }
}
