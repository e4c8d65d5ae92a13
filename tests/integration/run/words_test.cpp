// Debian's word lists as keys: accents, apostrophes, capitals, and what a collation makes of them. All million words
// are worked on under the first collation; under the others every third one, to stay within the time that tests may
// take.

#include "counted.hpp"
#include "migration.hpp"

#include <doctest/doctest.h>

#include <array>
#include <fstream>

using namespace rowmill;
using namespace rowmill::test;

namespace {

constexpr std::array lists{"american-english-huge", "french", "ngerman"};
constexpr std::size_t words_an_insert = 5000;

void make_table(Schema& schema, const std::string& name, const std::string& collation) {
    schema.execute("CREATE TABLE " + name + " (word VARCHAR(100) CHARACTER SET utf8mb4 COLLATE " + collation +
                   " NOT NULL PRIMARY KEY, characters INT NULL, reversed VARCHAR(100) CHARACTER SET utf8mb4 COLLATE "
                   "utf8mb4_bin NULL, done INT NOT NULL DEFAULT 0) ENGINE = InnoDB");
}

/// Every `step`-th word of the lists; of words that the collation finds equal the first.
void load(Schema& schema, const std::string& table, std::size_t step) {
    schema.execute("BEGIN");
    for (const char* list : lists) {
        std::ifstream file{std::string{"/usr/share/dict/"} + list};
        REQUIRE(file);
        std::string insert;
        std::size_t line = 0, words = 0;
        const auto send = [&] {
            if (words > 0) schema.execute("INSERT IGNORE INTO " + table + " (word) VALUES " + insert);
            insert.clear();
            words = 0;
        };
        for (std::string word; std::getline(file, word);) {
            if (word.empty() || line++ % step != 0) continue;
            insert += (insert.empty() ? "(" : ",(") + schema.session().quote(Value::text(word).view()) + ")";
            if (++words == words_an_insert) send();
        }
        send();
    }
    schema.execute("COMMIT");
}

Migration migration_of(Schema& schema, const std::string& collation, std::size_t step) {
    make_table(schema, "words", collation);
    load(schema, "words", step);
    schema.execute("CREATE TABLE expected LIKE words");
    schema.execute("INSERT INTO expected SELECT * FROM words");
    const std::string assignments = "characters = CHAR_LENGTH(word), reversed = REVERSE(word)";
    schema.execute("UPDATE expected SET done = 1, " + assignments);
    return {.table = "words",
            .copy = "expected",
            .same =
                "a.word = b.word AND BINARY a.word = BINARY b.word AND a.characters = b.characters AND "
                "a.reversed = b.reversed",
            .assignments = assignments};
}

}  // namespace

TEST_CASE("a million words of three languages are migrated as one plain UPDATE does it, under a binary collation") {
    Schema schema;
    const Migration migration = migration_of(schema, "utf8mb4_bin", 1);
    CHECK(std::stoull(schema.scalar("SELECT COUNT(*) FROM words")) > 900'000);
    check_migration(schema, migration, ":range", 50'000, 5000);
}

TEST_CASE("words that differ in case and accents are migrated under collations that find many of them equal") {
    for (const std::string collation : {"utf8mb4_general_ci", "utf8mb4_unicode_ci"}) {
        CAPTURE(collation);
        Schema schema;
        const Migration migration = migration_of(schema, collation, 3);
        CHECK(std::stoull(schema.scalar("SELECT COUNT(*) FROM words")) > 200'000);
        check_migration(schema, migration, collation == "utf8mb4_general_ci" ? ":batch" : "word IN (:ids)", 7000, 1000);
        check_migration(schema, migration,
                        collation == "utf8mb4_general_ci" ? "word BETWEEN :lo AND :hi" : "word = :word", 40'000, 2000);
    }
}
