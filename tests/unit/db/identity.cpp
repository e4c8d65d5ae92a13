#include "db/identity.hpp"

#include <doctest/doctest.h>

using namespace rowmill::db;

TEST_CASE("a MariaDB server is known by its version") {
    const Server server =
        identify({{"version", "10.11.6-MariaDB-0+deb12u1-log"}, {"hostname", "db1"}, {"server_id", "7"}});
    CHECK(server.is_mariadb());
    CHECK(server.version == 101106);
    CHECK(server.display() == "MariaDB 10.11.6");
    CHECK(server.host == "db1");
    CHECK(server.server_id == 7);
    CHECK(server.has_skip_locked);
}

TEST_CASE("a MySQL server is known by its version, and by its uuid") {
    const Server server =
        identify({{"version", "8.4.3"}, {"version_comment", "MySQL Community Server"}, {"server_uuid", "u-1"}});
    CHECK_FALSE(server.is_mariadb());
    CHECK(server.version == 80403);
    CHECK(server.uuid == "u-1");
}

TEST_CASE("a version that hides its maker is told by its comment") {
    CHECK(identify({{"version", "11.4.2"}, {"version_comment", "mariadb.org binary distribution"}}).is_mariadb());
}

TEST_CASE("any of the read-only variables makes a server read-only") {
    CHECK_FALSE(identify({{"read_only", "OFF"}, {"super_read_only", "OFF"}, {"innodb_read_only", "OFF"}}).read_only);
    CHECK(identify({{"read_only", "ON"}}).read_only);
    CHECK(identify({{"read_only", "NO_LOCK_NO_ADMIN"}}).read_only);
    CHECK(identify({{"super_read_only", "ON"}}).read_only);
    CHECK(identify({{"innodb_read_only", "1"}}).read_only);
}

TEST_CASE("Galera and group replication are seen") {
    CHECK(identify({{"wsrep_on", "ON"}}).galera);
    CHECK_FALSE(identify({{"wsrep_on", "OFF"}}).galera);
    CHECK(identify({{"group_replication_group_name", "aaaa"}}).group_replication);
    CHECK_FALSE(identify({{"group_replication_group_name", ""}}).group_replication);
}
