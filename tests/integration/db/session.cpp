#include "db/session.hpp"

#include "support/server.hpp"

#include <doctest/doctest.h>

#include <string>

using namespace rowmill;

TEST_CASE("an update to the same value counts the rows it matched") {
    test::Schema schema;
    schema.execute("CREATE TABLE t (id INT PRIMARY KEY, n INT) ENGINE=InnoDB");
    schema.execute("INSERT INTO t VALUES (1, 5), (2, 5)");
    CHECK(schema.session().execute("UPDATE t SET n = 5").matched == 2);
}
