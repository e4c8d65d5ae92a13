#include "workbench.hpp"

using namespace rowmill;
using namespace rowmill::test;

namespace {

/// Keys that would break out of their quotes, were they not escaped.
const std::vector<std::string> wicked{"O'Brien",
                                      "back\\slash",
                                      "\\'; DROP TABLE words; -- ",
                                      "\"double\"",
                                      "`tick`",
                                      "a:b",
                                      "?",
                                      "naïve",
                                      "🦀 crab",
                                      "x') OR ('1'='1",
                                      "%_",
                                      "line\nbreak",
                                      "a",
                                      "A",
                                      ""};

void make_words(Workbench& bench) {
    bench.schema().execute(
        "CREATE TABLE words (lang VARCHAR(40) COLLATE utf8mb4_bin, word VARCHAR(40) COLLATE utf8mb4_bin,"
        " n INT NOT NULL DEFAULT 0, copy VARCHAR(80) COLLATE utf8mb4_bin, PRIMARY KEY (lang, word)) ENGINE = InnoDB");
    for (const std::string& word : wicked) {
        const std::string quoted = bench.schema().session().quote(Value::text(word));
        bench.schema().execute("INSERT INTO words (lang, word) VALUES (" + quoted + ", " + quoted + "), ('other', " +
                               quoted + ")");
    }
    bench.use("words");
}

void make_names(Workbench& bench) {
    bench.schema().execute(
        "CREATE TABLE names (name VARCHAR(40) COLLATE utf8mb4_bin PRIMARY KEY, n INT NOT NULL DEFAULT 0,"
        " copy VARCHAR(80) COLLATE utf8mb4_bin) ENGINE = InnoDB");
    for (const std::string& word : wicked)
        bench.schema().execute("INSERT INTO names (name) VALUES (" + bench.schema().session().quote(Value::text(word)) +
                               ")");
    bench.use("names");
}

db::SessionSettings with_mode(const std::string& mode) {
    db::SessionSettings settings;
    settings.sql_mode = mode;
    return settings;
}

const char* const modes[] = {"STRICT_TRANS_TABLES", "STRICT_TRANS_TABLES,NO_BACKSLASH_ESCAPES"};

}  // namespace

TEST_CASE("text keys of any characters find their rows, in every form and mode") {
    for (const char* mode : modes) {
        for (const std::string condition : {"name = :name", "name = CONCAT(:name, '')", ":batch", "name IN (:ids)"}) {
            for (const bool lock : {false, true}) {
                CAPTURE(mode);
                CAPTURE(condition);
                CAPTURE(lock);
                Workbench bench{with_mode(mode)};
                make_names(bench);
                job::Job job = bench.job({"UPDATE names SET n = n + 1 WHERE " + condition});
                job.action.lock = lock;
                const Came came = bench.run(job);
                REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
                CHECK(came.outcome->named.empty());
                CHECK(came.outcome->skipped == 0);
                CHECK(bench.schema().scalar("SELECT COUNT(*) FROM names WHERE n = 1") == std::to_string(wicked.size()));
            }
        }
    }
}

TEST_CASE("keys of several columns find exactly their rows") {
    for (const std::string condition :
         {"lang = :lang AND word = :word", "lang = CONCAT(:lang, '') AND word = :word", ":batch", ":range"}) {
        for (const bool lock : {false, true}) {
            CAPTURE(condition);
            CAPTURE(lock);
            Workbench bench;
            make_words(bench);
            job::Job job = bench.job({"UPDATE words SET n = n + 1 WHERE " + condition});
            job.action.lock = lock;
            const Came came = bench.run(job, "lang = 'other'");
            REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
            CHECK(came.outcome->named.empty());
            CHECK(bench.schema().scalar("SELECT SUM(n) FROM words") == std::to_string(wicked.size()));
            CHECK(bench.schema().scalar("SELECT SUM(n) FROM words WHERE lang = 'other'") ==
                  std::to_string(wicked.size()));
        }
    }
}

TEST_CASE("a row's values are data, however they are sent") {
    for (const char* mode : modes) {
        for (const std::string condition : {"name = :name", "name = CONCAT(:name, '')"}) {
            CAPTURE(mode);
            CAPTURE(condition);
            Workbench bench{with_mode(mode)};
            make_names(bench);
            const Came came =
                bench.run(bench.job({"UPDATE names SET copy = CONCAT('<', :name, '>') WHERE " + condition}));
            REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
            CHECK(bench.schema().scalar("SELECT COUNT(*) FROM names WHERE copy = CONCAT('<', name, '>')") ==
                  std::to_string(wicked.size()));
        }
    }
}

TEST_CASE("a parameter is data, in the statement and in the filter") {
    for (const std::string& value : wicked) {
        CAPTURE(value);
        Workbench bench;
        make_names(bench);
        bench.use("names", "name = :wanted");
        job::Job job = bench.job({"UPDATE names SET n = n + 1, copy = :wanted WHERE :range"});
        job.params.emplace_back().name = "wanted";
        const auto plan = bench.prepare(job, {{"wanted", Value::text(value)}});
        engine::Batch batch;
        batch.count = 20;
        const Came came = bench.work(plan, batch);
        REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
        CHECK(bench.schema().scalar("SELECT COUNT(*) FROM names WHERE n = 1") == "1");
        CHECK(bench.schema().scalar("SELECT copy FROM names WHERE n = 1") == value);
    }
}

TEST_CASE("an error does not show a secret parameter, neither in the statement nor in the server's words") {
    Workbench bench;
    make_names(bench);
    bench.schema().execute("CREATE TABLE tokens (token VARCHAR(40) PRIMARY KEY) ENGINE = InnoDB");
    job::Job job = bench.job({"INSERT INTO tokens SELECT :token FROM names WHERE :batch"});
    job.params.emplace_back().name = "token";
    job.params.back().secret = true;
    const Came came = bench.run(job, "1", {{"token", Value::text("hush'hush")}});
    REQUIRE(came.error.has_value());
    CHECK(came.error->server_code == 1062);
    CHECK_FALSE(contains(came.error->what(), "hush"));
    CHECK_FALSE(contains(came.error->statement, "hush"));
    CHECK(contains(came.error->what(), "***"));
}

TEST_CASE("NULL and binary values reach the server as they are") {
    Workbench bench;
    bench.schema().execute(
        "CREATE TABLE files (id BINARY(4) PRIMARY KEY, digest VARBINARY(20) NULL, copy VARBINARY(20) NULL DEFAULT "
        "'unset')"
        " ENGINE = InnoDB");
    bench.schema().execute(
        "INSERT INTO files (id, digest) VALUES (x'00000000', NULL), (x'00ff2700', x'00275c22ff'), (x'ffffffff', '')");
    bench.use("files");
    for (const std::string condition : {"id = :id", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        bench.schema().execute("UPDATE files SET copy = 'unset'");
        const Came came = bench.run(bench.job({"UPDATE files SET copy = :digest WHERE " + condition}));
        REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
        CHECK(bench.schema().scalar("SELECT COUNT(*) FROM files WHERE copy <=> digest") == "3");
    }
}

TEST_CASE("integers at the ends of 64 bits find their rows") {
    Workbench bench;
    bench.schema().execute(
        "CREATE TABLE extremes (id BIGINT UNSIGNED PRIMARY KEY, low BIGINT, n INT DEFAULT 0) ENGINE = InnoDB");
    bench.schema().execute(
        "INSERT INTO extremes (id, low) VALUES (0, -9223372036854775808), (18446744073709551615, 9223372036854775807)");
    bench.use("extremes");
    for (const std::string condition : {"id = :id", "id = :id AND RAND() >= 0"}) {
        CAPTURE(condition);
        REQUIRE(
            bench.run(bench.job({"UPDATE extremes SET n = n + (low = :low) WHERE " + condition})).outcome.has_value());
    }
    CHECK(bench.list("SELECT n FROM extremes ORDER BY id") == "2 2");
}

TEST_CASE("numbers of every kind reach another column as they are, read with the page or under the lock") {
    const std::vector<std::pair<std::string, std::string>> cases{
        {"FLOAT", "0.1), (16777217), (3.14159265), (-3.4028234e38), (1.17549435e-38), (1e-45), (0), (NULL"},
        {"FLOAT(10,3)", "0.125), (1234567.891), (-0.001), (NULL"},
        {"DOUBLE", "0.1), (3.141592653589793), (-1.7976931348623157e308), (4.9e-324), (NULL"},
        {"BIT(64)", "0), (1), (255), (9223372036854775808), (18446744073709551615), (NULL"},
        {"BIT(1)", "0), (1), (NULL"},
    };
    for (const auto& [type, values] : cases) {
        for (const bool lock : {false, true}) {
            CAPTURE(type);
            CAPTURE(lock);
            Workbench bench;
            bench.schema().execute("CREATE TABLE measures (id INT AUTO_INCREMENT PRIMARY KEY, v " + type + ", copy " +
                                   type + ") ENGINE = InnoDB");
            bench.schema().execute("INSERT INTO measures (v) VALUES (" + values + ")");
            bench.use("measures");
            job::Job job = bench.job({"UPDATE measures SET copy = :v WHERE id = :id"});
            job.action.lock = lock;
            const auto plan = bench.prepare(job);
            engine::Batch batch;
            batch.items = table::read_items(bench.session(), *plan->selection, {});
            batch.count = batch.items.size();
            const Came came = bench.work(plan, batch);
            REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
            CHECK(bench.schema().scalar("SELECT COUNT(*) FROM measures WHERE NOT (copy <=> v)") == "0");
        }
    }
}

TEST_CASE("a BIT column's value is a number to the columns and the conditions that take it") {
    Workbench bench;
    bench.schema().execute("CREATE TABLE flags (id INT PRIMARY KEY, f BIT(9), n BIGINT, m BIGINT) ENGINE = InnoDB");
    bench.schema().execute("INSERT INTO flags VALUES (1, 1, 0, 0), (2, 256, 0, 0), (3, 511, 0, 0)");
    bench.use("flags");
    const Came came = bench.run(bench.job({"UPDATE flags SET n = :f, m = :f + 1 WHERE id = :id AND f = :f"}));
    REQUIRE_MESSAGE(came.outcome.has_value(), came.error->what());
    CHECK(bench.list("SELECT CONCAT(n, '/', m) FROM flags ORDER BY id") == "1/2 256/257 511/512");
}
