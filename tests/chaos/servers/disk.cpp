// The disk of the server is full for a while: its data, its temporary files and its binary log.

#include "support/eventually.hpp"
#include "support/small_disk.hpp"
#include "worked_field.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::uint64_t rows = 20000;
const std::string by_batch = "UPDATE t SET n = n + 1 WHERE :batch";
// Slow enough for seconds of work to be left when the disk is full, on a machine that is busy with else.
const std::string held_back = "rate = 3000\nreconnect_for = \"60s\"\n";

/// A disk of which a server with a field leaves about a half. Null, with the reason printed, where there can't be one.
std::unique_ptr<SmallDisk> small_disk() {
    std::string why_not;
    auto disk = SmallDisk::mount(240, why_not);
    if (!disk) MESSAGE("skipped: " << why_not);
    return disk;
}

const std::vector<std::string> with_binary_log{"--innodb-log-file-size=16M", "--log-bin=binlog", "--server-id=1"};

/// Takes what fills the disk away when a test is left early too, or the server could not be stopped.
struct Filled {
    explicit Filled(SmallDisk& full) : disk{full} { disk.fill(); }
    ~Filled() { disk.make_room(); }
    SmallDisk& disk;
};

}  // namespace

TEST_CASE("a run waits for space while its batches can't be written, and says so") {
    const auto disk = small_disk();
    if (!disk) return;
    Dice dice{chaos_seed()};
    MariaDb server = MariaDb::in(disk->path(), {"--innodb-log-file-size=16M"});
    WorkedField work{server, dice, rows};
    work.session().execute("CREATE TABLE grown (id BIGINT PRIMARY KEY, wide VARCHAR(3000) NOT NULL)");
    work.session().execute(
        "CREATE TRIGGER grow AFTER UPDATE ON t FOR EACH ROW INSERT INTO grown VALUES (NEW.id, REPEAT('x', 3000))");
    work.start(server.dsn(), by_batch, held_back);
    for (int times = 0; times < 2; ++times) {
        work.reach(work.field().done() + dice.between(1, 4000));
        const std::size_t seen = work.process().errors().size();
        const Filled full{*disk};
        CHECK(eventually([&] {
            return has_ended(work.process()) ||
                   work.process().errors().find("waiting_for\":\"the server's disk is full", seen) != std::string::npos;
        }));
        CHECK(!has_ended(work.process()));
    }
    work.check_end();
}

TEST_CASE("a run says that its COMMIT hangs while the binary log has no space, and goes on when the server was helped") {
    const auto disk = small_disk();
    if (!disk) return;
    Dice dice{chaos_seed()};
    MariaDb server = MariaDb::in(disk->path(), with_binary_log);
    WorkedField work{server, dice, rows};
    work.start(server.dsn(), by_batch, held_back);
    work.reach(dice.between(1, 3000));
    {
        const Filled full{*disk};
        CHECK(work.process().wait_for_output("Waiting for someone to free space"));
        CHECK(boost::json::serialize(work.trial().status().at("waiting_for")).find("free space") != std::string::npos);
        CHECK(!has_ended(work.process()));
        server.kill();  // by itself it looks for space only once a minute
    }
    server.start();
    work.look_at(server);
    work.check_end();
}

TEST_CASE("a run that is left while the binary log has no space goes on later") {
    const auto disk = small_disk();
    if (!disk) return;
    Dice dice{chaos_seed()};
    MariaDb server = MariaDb::in(disk->path(), with_binary_log);
    WorkedField work{server, dice, rows};
    work.start(server.dsn(), by_batch, held_back);
    work.reach(dice.between(1, 3000));
    {
        const Filled full{*disk};
        CHECK(work.process().wait_for_output("Waiting for someone to free space"));
        terminate_twice(work.process());
        CHECK(work.process().wait(std::chrono::seconds{20}).how() == "exit 4");
        server.kill();
    }
    server.start();
    work.look_at(server);
    CHECK(work.trial().run({"--rate", "0"}).how() == "exit 0");
    check_exactly_once(work.trial(), work.field());
}
