// Bounds and sacks: what a run covers, and how it is cut.

#include "fixture.hpp"
#include "support/eventually.hpp"
#include "table/condition.hpp"

#include <doctest/doctest.h>

#include <thread>

using namespace rowmill;
using test::Tables;

namespace {

Key id(int value) {
    return {Value::integer(value)};
}

void make_gaps(Tables& tables) {
    tables.execute("CREATE TABLE t (id INT PRIMARY KEY AUTO_INCREMENT, n INT)");
    tables.execute("INSERT INTO t (id) VALUES (1),(2),(3),(100),(101),(5000),(5001),(5002),(5003),(2000000000)");
}

constexpr std::uint64_t cluster_rows = 32768;

/// Four stretches of dense or wide-set keys, far apart: at the lowest key that the type has, at zero, high up, and at its highest.
void make_clusters(Tables& tables, const std::string& type) {
    tables.execute("CREATE TABLE n (i INT PRIMARY KEY)");
    tables.execute("INSERT INTO n VALUES (0)");
    for (std::uint64_t rows = 1; rows < cluster_rows; rows *= 2)
        tables.execute("INSERT INTO n SELECT i + " + std::to_string(rows) + " FROM n");
    tables.execute("CREATE TABLE t (id " + type + " PRIMARY KEY, n INT)");
    const bool is_unsigned = type.find("UNSIGNED") != std::string::npos;
    const std::vector<std::string> ids =
        is_unsigned ? std::vector<std::string>{"i", "1000000 + i * 7", "9223372036854770000 + CAST(i AS UNSIGNED)", "18446744073709551615 - i"}
                    : std::vector<std::string>{"-9223372036854775808 + i", "i", "1000000 + i * 97", "9223372036854775807 - i"};
    for (const std::string& id : ids) tables.execute("INSERT INTO t SELECT " + id + ", 0 FROM n");
    tables.execute("ANALYZE TABLE t");
}

std::uint64_t count_in(Tables& tables, const table::Selection& selection, const table::PlannedSack& sack) {
    const auto counted = tables.session().query(
        "SELECT COUNT(*) FROM t WHERE " +
        table::range_condition(selection.key, {sack.after, sack.upto, selection.descending}, tables.quote()));
    return std::stoull(counted.text(0, 0));
}

std::vector<std::string> within(Tables& tables, const table::Selection& selection, const std::vector<std::string>& from,
                                const std::vector<std::string>& to) {
    return tables.read(selection, tables.plan(selection, 2, from, to), 3);
}

}  // namespace

TEST_CASE("sacks by rows hold the rows asked for, whatever the gaps, and touch each other") {
    Tables tables;
    make_gaps(tables);
    const auto sacks = tables.plan(tables.select("t"), 4);
    REQUIRE(sacks.size() == 3);
    CHECK(sacks[0].after.empty());
    CHECK(sacks[0].upto == id(100));
    CHECK(sacks[1].after == sacks[0].upto);
    CHECK(sacks[1].upto == id(5002));
    CHECK(sacks[2].after == sacks[1].upto);
    CHECK(sacks[2].upto == id(2000000000));
    CHECK(sacks[0].rows == 4);
    CHECK(sacks[2].rows == 2);
    CHECK(sacks[2].rows_exact);
}

TEST_CASE("a walk goes on where its stored position stands, at most so many sacks a call") {
    Tables tables;
    make_gaps(tables);
    const auto selection = tables.select("t");
    const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
    table::Walk walk;
    table::Density density;
    CHECK(table::walk_sacks(tables.session(), selection, bounds, {2}, 2, walk, density).size() == 2);
    CHECK(walk.position == id(100));
    CHECK_FALSE(walk.done);
    table::Walk stored{decode_key(encode_key(walk.position)), false};
    const auto rest = table::walk_sacks(tables.session(), selection, bounds, {2}, 100, stored, density);
    CHECK(rest.size() == 3);
    CHECK(rest.front().after == id(100));
    CHECK(stored.done);
}

TEST_CASE("the last row is part of a run, and rows inserted after the start are not") {
    Tables tables;
    make_gaps(tables);
    for (const bool descending : {false, true}) {
        auto selection = tables.select("t");
        selection.descending = descending;
        const auto expected = tables.ordered_by_server(selection);
        const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
        tables.execute("INSERT INTO t (id) VALUES (2000000001), (2000000002)");
        table::Walk walk;
        table::Density density;
        const auto sacks = table::walk_sacks(tables.session(), selection, bounds, {3}, 100, walk, density);
        CHECK(tables.read(selection, sacks, 2) == expected);
        tables.execute("DELETE FROM t WHERE id > 2000000000");
    }
}

TEST_CASE("the largest 64-bit keys are included in a descending run") {
    Tables tables;
    tables.execute("CREATE TABLE t (id BIGINT UNSIGNED PRIMARY KEY)");
    tables.execute("INSERT INTO t VALUES (0), (18446744073709551615)");
    auto selection = tables.select("t");
    selection.descending = true;
    CHECK(tables.read(selection, tables.plan(selection, 1), 1) ==
          std::vector<std::string>{"18446744073709551615", "0"});
}

TEST_CASE("from and to are both included, whether or not there are such rows") {
    Tables tables;
    make_gaps(tables);
    auto selection = tables.select("t");
    for (const bool descending : {false, true}) {
        selection.descending = descending;
        CHECK(within(tables, selection, {"3"}, {"5001"}) ==
              tables.ordered_by_server(selection, "id BETWEEN 3 AND 5001"));
        CHECK(within(tables, selection, {"50"}, {"6000"}) ==
              tables.ordered_by_server(selection, "id BETWEEN 50 AND 6000"));
        CHECK(within(tables, selection, {}, {"100"}) == tables.ordered_by_server(selection, "id <= 100"));
        CHECK(within(tables, selection, {"100"}, {}) == tables.ordered_by_server(selection, "id >= 100"));
        CHECK(within(tables, selection, {"1"}, {"2000000000"}) == tables.ordered_by_server(selection));
        CHECK(within(tables, selection, {"102"}, {"4999"}).empty());
        CHECK(within(tables, selection, {"5000"}, {"100"}).empty());
        CHECK(within(tables, selection, {"2000000001"}, {}).empty());
        CHECK(within(tables, selection, {}, {"0"}).empty());
    }
}

TEST_CASE("from and to may name the leading columns of a key only") {
    Tables tables;
    tables.execute("CREATE TABLE t (a VARCHAR(5) COLLATE utf8mb4_general_ci, b INT, c INT, PRIMARY KEY (a, b, c))");
    tables.execute(
        "INSERT INTO t VALUES ('a',1,1),('A',1,2),('b',1,1),('B',1,2),('b',2,1),('B',2,2),('c',1,1),('d',1,1)");
    auto selection = tables.select("t");
    for (const bool descending : {false, true}) {
        selection.descending = descending;
        CHECK(within(tables, selection, {"B"}, {"b"}) == tables.ordered_by_server(selection, "a = 'b'"));
        CHECK(within(tables, selection, {"b", "2"}, {"C"}) ==
              tables.ordered_by_server(selection, "(a = 'b' AND b >= 2) OR a = 'c'"));
        CHECK(within(tables, selection, {"b", "1", "2"}, {"b", "2", "1"}) ==
              tables.ordered_by_server(selection, "a = 'b' AND ((b = 1 AND c >= 2) OR (b = 2 AND c <= 1))"));
        CHECK(within(tables, selection, {}, {"a"}) == tables.ordered_by_server(selection, "a = 'a'"));
        CHECK(within(tables, selection, {"c", "1"}, {"b", "9"}).empty());
    }
}

TEST_CASE("a bound that is no key of the table is refused") {
    Tables tables;
    tables.execute("CREATE TABLE t (d DATE, n INT, PRIMARY KEY (d, n))");
    tables.execute("INSERT INTO t VALUES ('2024-01-01', 1)");
    const auto selection = tables.select("t");
    const auto kind = [&](const std::vector<std::string>& from, const std::vector<std::string>& to) {
        try {
            table::read_bounds(tables.session(), selection, from, to);
        } catch (const Error& error) {
            return error.kind();
        }
        return ErrorKind::internal;
    };
    CHECK(kind({"2024-13-45"}, {}) == ErrorKind::usage);
    CHECK(kind({}, {"tomorrow"}) == ErrorKind::usage);
    CHECK(kind({"2024-01-01", "one"}, {}) == ErrorKind::usage);
    CHECK(kind({"2024-01-01", "1", "1"}, {}) == ErrorKind::usage);
}

TEST_CASE("a zero date in the key is read where the session can compare it, and refused where it can't") {
    Tables tables;
    tables.execute("SET SESSION sql_mode = ''");
    tables.execute("CREATE TABLE t (d DATETIME(3), n INT, PRIMARY KEY (d, n))");
    tables.execute(
        "INSERT INTO t VALUES (0, 1), (0, 2), (0, 3), ('2024-00-00', 1), ('2024-01-01', 1), ('2024-01-01', 2)");
    const auto selection = tables.select("t");
    CHECK(tables.read(selection, tables.plan(selection, 2), 1) == tables.ordered_by_server(selection));
    if (tables.session().server().is_mariadb()) return;
    tables.execute("SET SESSION sql_mode = DEFAULT");
    try {
        tables.plan(selection, 2);
        FAIL("was not refused");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::refused);
        CHECK(std::string{error.what()}.find("NO_ZERO_DATE") != std::string::npos);
    }
}

TEST_CASE("sacks of about so many rows hold every row once, over holes and both ends of 64 bits") {
    constexpr std::uint64_t wanted = 10000;
    for (const char* type : {"BIGINT", "BIGINT UNSIGNED"}) {
        Tables tables;
        make_clusters(tables, type);
        const auto selection = tables.select("t");
        const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
        table::Walk walk;
        table::Density density;
        std::vector<table::PlannedSack> sacks;
        while (!walk.done) {
            for (auto& sack : table::walk_sacks(tables.session(), selection, bounds, {wanted, false}, 8, walk, density))
                sacks.push_back(std::move(sack));
        }
        std::uint64_t all = 0, estimated = 0;
        Key after;
        for (const table::PlannedSack& sack : sacks) {
            CHECK(sack.after == after);
            after = sack.upto;
            const std::uint64_t rows = count_in(tables, selection, sack);
            CHECK(rows <= 10 * wanted);  // an estimate may be far off where dense keys follow sparse ones
            if (sack.rows_exact) CHECK(sack.rows == rows);
            if (!sack.rows_exact) ++estimated;
            all += rows;
        }
        CHECK(after == bounds.upto);
        CHECK(all == 4 * cluster_rows);
        CHECK(estimated > 0);
        CHECK(sacks.size() <= 3 * 4 * cluster_rows / wanted);
    }
}

TEST_CASE("a sack is counted now and then, more seldom while the estimates agree, however short the calls of the walk") {
    Tables tables;
    tables.execute("CREATE TABLE n (i INT PRIMARY KEY)");
    tables.execute("INSERT INTO n VALUES (0)");
    for (std::uint64_t rows = 1; rows < 700000; rows *= 2)
        tables.execute("INSERT INTO n SELECT i + " + std::to_string(rows) + " FROM n");
    tables.execute("ANALYZE TABLE n");
    const auto selection = tables.select("n");
    const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
    table::Walk walk;
    table::Density density;
    std::vector<std::size_t> counted;
    for (std::size_t sacks = 0; !walk.done; ++sacks) {
        const auto one = table::walk_sacks(tables.session(), selection, bounds, {10000, false}, 1, walk, density);
        REQUIRE(one.size() == 1);
        if (one.front().rows_exact) counted.push_back(sacks);
    }
    // Of 105: the first, and every sixteenth would make seven.
    REQUIRE(counted.size() >= 3);
    CHECK(counted.size() <= 5);
    CHECK(counted[0] == 0);
    CHECK(counted[1] == 16);
}

TEST_CASE("a walk that begins anew, with what it had learned before, finds the same sacks") {
    Tables tables;
    make_clusters(tables, "BIGINT");
    const auto selection = tables.select("t");
    const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
    table::Density density;
    const auto walk_some = [&] {
        table::Walk walk;
        return table::walk_sacks(tables.session(), selection, bounds, {10000, false}, 3, walk, density);
    };
    const auto first = walk_some(), again = walk_some();
    REQUIRE(first.size() == again.size());
    for (std::size_t i = 0; i < first.size(); ++i) {
        CHECK(first[i].after == again[i].after);
        CHECK(first[i].upto == again[i].upto);
    }
}

TEST_CASE("sacks are counted one by one where the key is no single integer, or they are small") {
    Tables tables;
    tables.execute("CREATE TABLE t (a INT, b INT, PRIMARY KEY (a, b))");
    tables.execute("INSERT INTO t VALUES (1,1),(1,2),(2,1),(2,2),(3,1)");
    const auto selection = tables.select("t");
    const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
    table::Walk walk;
    table::Density density;
    const auto sacks = table::walk_sacks(tables.session(), selection, bounds, {2, false}, 10, walk, density);
    REQUIRE(sacks.size() == 3);
    for (const table::PlannedSack& sack : sacks) CHECK(sack.rows_exact);
}

TEST_CASE("sacks by width read every row once") {
    Tables tables;
    make_gaps(tables);
    auto selection = tables.select("t");
    for (const bool descending : {false, true}) {
        selection.descending = descending;
        const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
        for (const std::uint64_t count : {1, 2, 3, 50}) {
            const auto sacks = table::width_sacks(selection.key, bounds, count, descending);
            CHECK(tables.read(selection, sacks, 3) == tables.ordered_by_server(selection));
        }
    }
}

TEST_CASE("the bound settles when the transactions that were open have ended, and not before") {
    Tables tables;
    make_gaps(tables);
    const auto selection = tables.select("t");
    db::Session writer{tables.schema.endpoint(), {}};
    writer.execute("BEGIN");
    writer.execute("INSERT INTO t (id) VALUES (50)");
    tables.execute("INSERT INTO t (id) VALUES (2000000005)");
    const table::Bounds bounds = table::read_bounds(tables.session(), selection, {}, {});
    bool committed = false;
    const auto result = table::settle_bound(tables.session(), {}, {}, [&](const std::string& reason) {
        CHECK(reason.find("1 transaction") != std::string::npos);
        if (!committed) writer.execute("COMMIT");
        committed = true;
    });
    CHECK(result.complete);
    CHECK(committed);
    CHECK(bounds.upto == id(2000000005));
    table::Walk walk;
    table::Density density;
    const auto sacks = table::walk_sacks(tables.session(), selection, bounds, {100}, 1, walk, density);
    CHECK(sacks.front().rows == 12);
}

TEST_CASE("one look is enough where nobody else writes or executes anything") {
    Tables tables;
    CHECK(test::eventually([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds{150});  // the server's answer of the time before has to age
        return table::settle_bound(tables.session(), {}, {}, {}).waited.count() < 50;
    }));
}

TEST_CASE("a transaction that only reads does not hold the bound up") {
    Tables tables;
    make_gaps(tables);
    db::Session reader{tables.schema.endpoint(), {}};
    reader.execute("START TRANSACTION WITH CONSISTENT SNAPSHOT");
    reader.query("SELECT COUNT(*) FROM t");
    bool waited = false;
    CHECK(table::settle_bound(tables.session(), {}, {}, [&](const std::string&) { waited = true; }).complete);
    CHECK_FALSE(waited);
}

TEST_CASE("an account without the PROCESS privilege is told what the bound may miss") {
    Tables tables;
    const std::string user = tables.schema.name().substr(0, 30);
    tables.execute("CREATE USER '" + user + "'@'%' IDENTIFIED BY 'secret'");
    tables.execute("GRANT SELECT ON " + tables.schema.name() + ".* TO '" + user + "'@'%'");
    db::Endpoint endpoint = tables.schema.endpoint();
    endpoint.user = user;
    endpoint.password = "secret";
    {
        db::Session session{endpoint, {}};
        const auto result = table::settle_bound(session, {}, {}, {});
        CHECK_FALSE(result.complete);
        CHECK(result.why_not.find("PROCESS") != std::string::npos);
    }
    tables.execute("DROP USER '" + user + "'@'%'");
}

TEST_CASE("waiting for the bound ends at once when stop is asked for") {
    Tables tables;
    std::stop_source stop;
    const job::SourceSpec::Settle hour{false, std::chrono::hours{1}};
    try {
        table::settle_bound(tables.session(), hour, stop.get_token(), [&](const std::string&) { stop.request_stop(); });
        FAIL("did not throw");
    } catch (const Error& error) {
        CHECK(error.kind() == ErrorKind::stopped);
    }
}
