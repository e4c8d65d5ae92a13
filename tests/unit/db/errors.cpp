#include "db/errors.hpp"

#include <doctest/doctest.h>

#include <vector>

using namespace rowmill;
using db::kind_of;

namespace {

void check_all(ErrorKind kind, const std::vector<int>& codes) {
    for (const int code : codes) {
        CAPTURE(code);
        CHECK(kind_of(code) == kind);
    }
}

}  // namespace

TEST_CASE("deadlocks, lock waits and their like are replayed") {
    check_all(ErrorKind::replay, {1213, 1205, 3058, 3572, 1020, 1412, 3101, 1180, 1047});
}

TEST_CASE("packets and transactions that are too large want a smaller batch") {
    check_all(ErrorKind::too_large, {1153, 2020, 1197, 3100});
}

TEST_CASE("killed and timed-out statements are interrupted") {
    check_all(ErrorKind::interrupted, {1317, 1969, 3024});
}

TEST_CASE("a lost or ending connection is to be made anew") {
    check_all(ErrorKind::disconnected, {2002, 2003, 2006, 2013, 2055, 1053, 1077, 1079, 1927, 4031});
}

TEST_CASE("a full server is waited for longer") {
    check_all(ErrorKind::overloaded, {1040, 1203, 1226});
}

TEST_CASE("a server that became read-only is left") {
    check_all(ErrorKind::failover, {1290, 1792, 1836});
}

TEST_CASE("constraints and values are the row's fault") {
    check_all(ErrorKind::row, {1062, 1048, 1264, 1292, 1366, 1406, 1451, 1452, 3819, 4025, 1644});
}

TEST_CASE("privileges, syntax and missing tables stop the run") {
    check_all(ErrorKind::fatal, {1044, 1045, 1142, 1049, 1054, 1064, 1146, 1206});
}

TEST_CASE("a full disk is waited out") {
    check_all(ErrorKind::disk_full, {1114, 1021});
}

TEST_CASE("a full disk is waited out whichever file could not be written") {
    for (const int code : {3, 20, 1026, 1030, 1180}) {
        CAPTURE(code);
        CHECK(kind_of(code, "HY000", "Error writing file 'binlog' (Errcode: 28 \"No space left on device\")") ==
              ErrorKind::disk_full);
        CHECK(kind_of(code, "HY000", "Error writing file (Errcode: 122 \"Disk quota exceeded\")") == ErrorKind::disk_full);
    }
    CHECK(kind_of(3, "HY000", "Error writing file 'binlog' (Errcode: 5 \"Input/output error\")") == ErrorKind::fatal);
    CHECK(kind_of(1644, "45000", "the row says: No space left on device") == ErrorKind::row);
}

TEST_CASE("the SQLSTATE decides on numbers that are not known") {
    CHECK(kind_of(9999, "22001") == ErrorKind::row);
    CHECK(kind_of(9999, "23000") == ErrorKind::row);
    CHECK(kind_of(9999, "45000") == ErrorKind::row);
    CHECK(kind_of(9999, "40001") == ErrorKind::replay);
    CHECK(kind_of(9999, "08S01") == ErrorKind::disconnected);
    CHECK(kind_of(9999, "42000") == ErrorKind::fatal);
    CHECK(kind_of(9999, "HY000") == ErrorKind::fatal);
    CHECK(kind_of(9999) == ErrorKind::fatal);
}

TEST_CASE("a number that is known wins over its SQLSTATE") {
    CHECK(kind_of(1048, "42000") == ErrorKind::row);
}

TEST_CASE("truncation and ignored duplicates lose data, a deprecation does not") {
    CHECK(db::loses_data(1265));
    CHECK(db::loses_data(1264));
    CHECK(db::loses_data(1062));
    CHECK_FALSE(db::loses_data(1287));
    CHECK_FALSE(db::loses_data(1592));
}

TEST_CASE("a long statement is shown on one line up to a whole character") {
    CHECK(db::shortened("UPDATE t\n   SET a = 1\t") == "UPDATE t SET a = 1");
    const std::string shown = db::shortened(std::string(199, 'x') + "éééé");
    CHECK(shown == std::string(199, 'x') + " …");
    CHECK(db::shortened(std::string(198, 'x') + "éé") == std::string(198, 'x') + "é …");
    CHECK(db::shortened(std::string(200, 'x')) == std::string(200, 'x'));
}

TEST_CASE("a server's error carries number, SQLSTATE and statement") {
    const Error error =
        db::server_error(1062, "23000", "Duplicate entry '1' for key 'PRIMARY'", "INSERT INTO t VALUES (1)");
    CHECK(error.kind() == ErrorKind::row);
    CHECK(error.server_code == 1062);
    CHECK(error.sqlstate == "23000");
    CHECK(error.statement == "INSERT INTO t VALUES (1)");
    CHECK(std::string{error.what()} ==
          "Duplicate entry '1' for key 'PRIMARY' (1062, 23000) in: INSERT INTO t VALUES (1)");
}
