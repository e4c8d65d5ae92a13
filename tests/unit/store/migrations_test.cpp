#include "store/migrations.hpp"

#include <doctest/doctest.h>

using namespace rowmill::store;

TEST_CASE("migrations are numbered from one without gaps") {
    const auto migrations = read_migrations("`s`");
    REQUIRE_FALSE(migrations.empty());
    for (std::size_t i = 0; i < migrations.size(); ++i) CHECK(migrations[i].version == i + 1);
}

TEST_CASE("every statement of a migration can be run again") {
    for (const Migration& migration : read_migrations("`s`")) {
        for (const std::string& statement : migration.statements) {
            CAPTURE(statement);
            // Of an ALTER with one part, the server's "it is there already" says that it was done.
            const bool one_part = statement.starts_with("ALTER TABLE ") &&
                                  statement.find(", ADD") == std::string::npos &&
                                  statement.find(", DROP") == std::string::npos;
            CHECK((one_part || statement.find(" EXISTS ") != std::string::npos));
        }
    }
}

TEST_CASE("a migration's checksum does not depend on the schema") {
    CHECK(read_migrations("`one`")[0].checksum == read_migrations("`two`")[0].checksum);
    CHECK(read_migrations("`one`")[0].statements != read_migrations("`two`")[0].statements);
}
