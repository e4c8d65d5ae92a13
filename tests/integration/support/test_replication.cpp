#include "db/session.hpp"
#include "support/eventually.hpp"
#include "support/replication.hpp"

#include <doctest/doctest.h>

#include <rowmill/error.hpp>

using namespace rowmill;
using namespace rowmill::test;

namespace {

std::string numbers_on(const db::Endpoint& server) {
    return db::Session{server, {}}.query("SELECT GROUP_CONCAT(n ORDER BY n) FROM shop.numbers").text(0, 0);
}

void insert(const db::Endpoint& server, int number) {
    db::Session{server, {}}.execute("INSERT INTO shop.numbers VALUES (" + std::to_string(number) + ")");
}

}  // namespace

TEST_CASE("a replica has what its primary has, but for what it does not apply for a while") {
    Replication pair;
    db::Session{pair.primary().endpoint(), {}}.execute("CREATE DATABASE shop");
    db::Session{pair.primary().endpoint(), {}}.execute("CREATE TABLE shop.numbers (n INT PRIMARY KEY)");
    insert(pair.address().endpoint(), 1);
    pair.catch_up();
    CHECK(numbers_on(pair.replica().endpoint()) == "1");
    pair.stop_applying();
    insert(pair.address().endpoint(), 2);
    CHECK(numbers_on(pair.replica().endpoint()) == "1");
    pair.start_applying();
    pair.catch_up();
    CHECK(numbers_on(pair.replica().endpoint()) == "1,2");
}

TEST_CASE("a replica that is promoted takes writes under the address, with all that it had received") {
    Replication pair;
    db::Session{pair.primary().endpoint(), {}}.execute("CREATE DATABASE shop");
    db::Session{pair.primary().endpoint(), {}}.execute("CREATE TABLE shop.numbers (n INT PRIMARY KEY)");
    pair.catch_up();
    pair.stop_applying();
    insert(pair.address().endpoint(), 1);
    db::Session replica{pair.replica().endpoint(), {}};
    const std::string logged = db::Session{pair.primary().endpoint(), {}}.query("SELECT @@gtid_binlog_pos").text(0, 0);
    const auto has_received = [&] {
        const db::ResultSet shown = replica.query("SHOW SLAVE STATUS");
        return shown.text(0, *shown.find("Gtid_IO_Pos")) == logged;
    };
    REQUIRE(eventually(has_received));
    CHECK(replica.server().read_only);
    pair.primary().kill();
    CHECK_THROWS_AS(insert(pair.address().endpoint(), 2), Error);
    pair.fail_over();
    insert(pair.address().endpoint(), 2);
    CHECK(numbers_on(pair.replica().endpoint()) == "1,2");
    CHECK(!db::Session{pair.address().endpoint(), {}}.server().read_only);
}

TEST_CASE("a primary that is started again is followed on") {
    Replication pair;
    db::Session{pair.primary().endpoint(), {}}.execute("CREATE DATABASE shop");
    pair.primary().kill();
    pair.primary().start();
    db::Session{pair.primary().endpoint(), {}}.execute("CREATE TABLE shop.numbers (n INT PRIMARY KEY)");
    insert(pair.primary().endpoint(), 1);
    pair.catch_up();
    CHECK(numbers_on(pair.replica().endpoint()) == "1");
}
