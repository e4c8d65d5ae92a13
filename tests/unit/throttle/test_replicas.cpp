#include "throttle/replicas.hpp"

#include "../job/refusal.hpp"

#include <doctest/doctest.h>

using namespace rowmill;
using namespace rowmill::throttle;
using test::contains;
using test::refusal;

namespace {

using Row = std::vector<std::optional<std::string>>;

db::ResultSet listed(std::vector<Row> rows) {
    return {{"Server_id", "Host", "Port", "Master_id"}, std::move(rows)};
}

db::ResultSet processes(std::initializer_list<std::pair<const char*, const char*>> hosts_and_commands) {
    db::ResultSet result{{"Id", "User", "Host", "db", "Command"}, {}};
    for (const auto& [host, command] : hosts_and_commands) result.rows.push_back({"1", "repl", host, std::nullopt, command});
    return result;
}

db::ResultSet channels(std::vector<Row> rows) {
    return {{"Connection_name", "Slave_IO_Running", "Slave_SQL_Running", "Seconds_Behind_Master", "Last_IO_Error", "Last_SQL_Error"},
            std::move(rows)};
}

db::ResultSet beats(std::vector<Row> rows) { return {{"server_id", "microseconds"}, std::move(rows)}; }

}  // namespace

TEST_CASE("a place is a host, with a port or without") {
    CHECK(parse_place("db2", 3306, "x") == Place{"db2", 3306});
    CHECK(parse_place("DB2:3307", 3306, "x") == Place{"db2", 3307});
    CHECK(parse_place("10.0.0.7:3307", 3306, "x") == Place{"10.0.0.7", 3307});
    CHECK(parse_place("[::1]:3307", 3306, "x") == Place{"::1", 3307});
    CHECK(parse_place("fe80::1", 3306, "x") == Place{"fe80::1", 3306});
    CHECK(parse_place("localhost:3307", 3306, "x") == Place{"127.0.0.1", 3307});
}

TEST_CASE("what is no place is refused with its key") {
    for (const char* text : {"", ":3306", "db2:", "db2:port", "db2:0", "db2:65536", "root@db2", "[::1", "a b", "db1,db2"}) {
        CAPTURE(text);
        CHECK(contains(refusal([&] { parse_place(text, 3306, "throttle.replicas"); }), "throttle.replicas: "));
    }
}

TEST_CASE("replicas that report where they are, are found there") {
    const auto found = replicas_in(listed({{"2", "db2", "3306", "1"}, {"3", "db3", "3307", "1"}}),
                                   processes({{"10.0.0.7:5000", "Binlog Dump"}}), 3306);
    CHECK(found == std::vector<Place>{{"db2", 3306}, {"db3", 3307}});
}

TEST_CASE("replicas that report no host are found by whom the server sends its log to, at the port that they report") {
    const auto found =
        replicas_in(listed({{"2", "", "3307", "1"}}), processes({{"10.0.0.7:5000", "Binlog Dump GTID"}, {"10.0.0.8:5001", "Query"}}), 3306);
    CHECK(found == std::vector<Place>{{"10.0.0.7", 3307}});
}

TEST_CASE("replicas that the server does not list are found by whom it sends its log to, at its own port") {
    const auto found = replicas_in(listed({}), processes({{"10.0.0.7:5000", "Binlog Dump"}, {"[fe80::1]:5001", "Binlog Dump"}}), 3310);
    CHECK(found == std::vector<Place>{{"10.0.0.7", 3310}, {"fe80::1", 3310}});
}

TEST_CASE("where some replicas report their host and others do not, both are found") {
    const auto found = replicas_in(listed({{"2", "10.0.0.7", "3306", "1"}, {"3", std::nullopt, "3306", "1"}}),
                                   processes({{"10.0.0.7:5000", "Binlog Dump"}, {"10.0.0.8:5000", "Binlog Dump"}}), 3306);
    CHECK(found == std::vector<Place>{{"10.0.0.7", 3306}, {"10.0.0.8", 3306}});
}

TEST_CASE("a server that sends its log to nobody has no replicas") {
    CHECK(replicas_in(listed({}), processes({{"10.0.0.7:5000", "Query"}}), 3306).empty());
}

TEST_CASE("a replica is ignored by its host, or by its host and port") {
    CHECK(is_ignored({"db2", 3306}, {"db1", "db2"}));
    CHECK(is_ignored({"db2", 3306}, {"DB2:3306"}));
    CHECK(is_ignored({"127.0.0.1", 3307}, {"localhost"}));
    CHECK_FALSE(is_ignored({"db2", 3306}, {"db2:3307", "db22", "db"}));
}

TEST_CASE("a replica's lag is what it says") {
    CHECK(standing_in(channels({{"", "Yes", "Yes", "7", "", ""}})).lag_seconds == 7);
}

TEST_CASE("of several channels the one furthest behind counts") {
    CHECK(standing_in(channels({{"a", "Yes", "Yes", "1", "", ""}, {"b", "Yes", "Yes", "30", "", ""}, {"c", "Yes", "Yes", "0", "", ""}}))
              .lag_seconds == 30);
}

TEST_CASE("one channel that does not run makes the lag unknown, with the reason") {
    const Standing standing =
        standing_in(channels({{"a", "Yes", "Yes", "0", "", ""}, {"b", "Yes", "No", std::nullopt, "", "Duplicate entry '7'"}}));
    CHECK_FALSE(standing.lag_seconds);
    CHECK(standing.why == "its SQL thread does not run: Duplicate entry '7' (channel b)");
}

TEST_CASE("a replica that is not connected to its primary lags unknown, whatever figure it shows") {
    const Standing standing = standing_in(channels({{"", "Connecting", "Yes", "0", "error connecting", ""}}));
    CHECK_FALSE(standing.lag_seconds);
    CHECK(standing.why == "its IO thread is Connecting: error connecting");
}

TEST_CASE("a lag of NULL is unknown") { CHECK_FALSE(standing_in(channels({{"", "Yes", "Yes", std::nullopt, "", ""}})).lag_seconds); }

TEST_CASE("a server without a replica's status is no replica") { CHECK(standing_in(channels({})).why == "it is no replica"); }

TEST_CASE("the columns of MySQL's SHOW REPLICA STATUS are read too") {
    const db::ResultSet status{{"Replica_IO_Running", "Replica_SQL_Running", "Seconds_Behind_Source", "Channel_Name"},
                               {{"Yes", "Yes", "4", ""}}};
    CHECK(standing_in(status).lag_seconds == 4);
}

TEST_CASE("of heartbeats that of the primary counts, though another is newer") {
    CHECK(standing_by_heartbeat(beats({{"9", "100000"}, {"1", "2500000"}, {"8", "0"}}), 1).lag_seconds == 2.5);
}

TEST_CASE("without a heartbeat of the primary the newest counts") {
    CHECK(standing_by_heartbeat(beats({{"9", "9000000"}, {"8", "400000"}}), 1).lag_seconds == 0.4);
}

TEST_CASE("a heartbeat a little ahead of the clock is no lag, one of another time zone is unknown") {
    CHECK(standing_by_heartbeat(beats({{"1", "-300000"}}), 1).lag_seconds == 0);
    const Standing standing = standing_by_heartbeat(beats({{"1", "-3600000000"}}), 1);
    CHECK_FALSE(standing.lag_seconds);
    CHECK(contains(standing.why, "--utc"));
}

TEST_CASE("a table without heartbeats is unknown lag") {
    CHECK_FALSE(standing_by_heartbeat(beats({}), 1).lag_seconds);
    CHECK_FALSE(standing_by_heartbeat(beats({{"1", std::nullopt}}), 1).lag_seconds);
}
