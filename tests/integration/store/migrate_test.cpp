#include "fixture.hpp"

#include "store/migrations.hpp"

#include <thread>

using namespace rowmill;
using namespace rowmill::store_test;

namespace {

struct Empty {
    Schema schema;
    Peer process{schema};
    store::Store& store = process.store;

    std::string table(std::string_view name) const { return db::quote_name(schema.store_name(), name); }
    std::string tables() {
        return schema.scalar(
            "SELECT GROUP_CONCAT(table_name ORDER BY table_name) FROM information_schema.tables "
            "WHERE table_schema = '" +
            schema.store_name() + "'");
    }
    static std::size_t all() { return store::read_migrations("`s`").size(); }
    /// Makes the store as the rowmill did that knew no later migration.
    void migrate_first_only() {
        const auto first = store::read_migrations(db::quote_name(schema.store_name())).front();
        schema.execute("CREATE DATABASE " + db::quote_name(schema.store_name()) + " COLLATE utf8mb4_bin");
        for (const std::string& statement : first.statements) schema.execute(statement);
        schema.execute("INSERT INTO " + table("schema_migrations") + " VALUES (1, '" + first.name + "', '" +
                       first.checksum + "', UTC_TIMESTAMP())");
    }
};

/// An account with few rights, for the length of a test.
class Account {
public:
    explicit Account(Schema& schema)
        : schema_{schema}, name_{"limited" + schema.name().substr(schema.name().size() - 8)} {
        schema_.execute("CREATE USER " + quoted() + " IDENTIFIED BY 'Limited-1'");
        schema_.execute("GRANT SELECT ON " + db::quote_name(schema_.name()) + ".* TO " + quoted());
    }
    ~Account() { schema_.execute("DROP USER " + quoted()); }
    Account(const Account&) = delete;
    Account& operator=(const Account&) = delete;

    std::string quoted() const { return "'" + name_ + "'@'localhost'"; }
    db::Endpoint endpoint() const {
        db::Endpoint endpoint = schema_.endpoint();
        endpoint.user = name_;
        endpoint.password = "Limited-1";
        return endpoint;
    }

private:
    Schema& schema_;
    std::string name_;
};

}  // namespace

TEST_CASE_FIXTURE(Empty, "migrating makes all tables of the store, and says so once") {
    CHECK_FALSE(store.is_current());
    CHECK_FALSE(store.exists());
    CHECK(store.migrate() == std::vector<std::string>{"0001-run-store", "0002-retries", "0003-many-workers", "0004-watching"});
    CHECK(store.is_current());
    CHECK(tables() == "dead_letters,emitted,messages,notes,offsets,runs,sacks,samples,schema_migrations,waiting,workers");
    CHECK(store.migrate().empty());
}

TEST_CASE_FIXTURE(Empty, "a store of the first version is brought to this one, with the runs that are in it") {
    migrate_first_only();
    schema.execute("INSERT INTO " + table("runs") +
                   " (job, identity, fingerprint, params, settings, server, token, bound_after, bound_upto, "
                   "walk_position, started_at) VALUES ('old', 'identity', '{}', '{}', '{}', 's', 't', '', '', '', "
                   "UTC_TIMESTAMP())");
    CHECK(store.exists());
    CHECK_FALSE(store.is_current());
    CHECK(store.migrate() == std::vector<std::string>{"0002-retries", "0003-many-workers", "0004-watching"});
    CHECK(store.is_current());
    const auto run = store.unfinished_run("identity").value();
    CHECK(run.job == "old");
    CHECK(run.definition.empty());
    CHECK(schema.scalar("SELECT COUNT(*) FROM information_schema.columns WHERE column_name = 'lease_expires_at' AND "
                        "table_name = 'waiting' AND table_schema = '" +
                        schema.store_name() + "'") == "0");
}

TEST_CASE_FIXTURE(Empty, "a second migration that was cut off after any of its statements is finished by the next") {
    const auto statements = store::read_migrations(db::quote_name(schema.store_name())).at(1).statements;
    for (std::size_t done = 1; done <= statements.size(); ++done) {
        CAPTURE(done);
        schema.execute("DROP DATABASE IF EXISTS " + db::quote_name(schema.store_name()));
        migrate_first_only();
        for (std::size_t i = 0; i < done; ++i) schema.execute(statements[i]);
        CHECK(store.migrate() == std::vector<std::string>{"0002-retries", "0003-many-workers", "0004-watching"});
        CHECK(store.is_current());
        CHECK(schema.scalar("SELECT COUNT(*) FROM information_schema.statistics WHERE index_name = 'of_worker' AND "
                            "table_schema = '" +
                            schema.store_name() + "'") == "2");
        CHECK(store.create_run(Fixture::new_run("identity")).definition.empty());
    }
}

TEST_CASE_FIXTURE(Empty, "a fourth migration that was cut off before it was recorded is applied again, and keeps what is there") {
    store.migrate();
    const auto run = store.create_run(Fixture::new_run("identity"));
    store.add_notes(run.id, "a:1", std::vector<store::NewNote>{{.line = "kept"}});
    schema.execute("DELETE FROM " + table("schema_migrations") + " WHERE version = 4");
    schema.execute("DROP TABLE " + table("samples"));
    CHECK(store.migrate() == std::vector<std::string>{"0004-watching"});
    CHECK(store.notes(run.id, 0, 10).size() == 1);
    store.add_last_sample(run.id, {});
    CHECK(store.samples(run.id, 10).size() == 1);
}

TEST_CASE_FIXTURE(Empty, "asking whether the store is current writes nothing") {
    CHECK_FALSE(store.is_current());
    CHECK(schema.scalar("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '" + schema.store_name() +
                        "'") == "0");
}

TEST_CASE_FIXTURE(Empty, "a migration that was cut off half-way is begun anew") {
    store.migrate();
    store.create_run(Fixture::new_run("identity"));
    schema.execute("DROP TABLE " + table("emitted"));
    schema.execute("DELETE FROM " + table("schema_migrations"));
    CHECK_FALSE(store.is_current());
    CHECK(store.migrate().size() == all());
    CHECK(tables().find("emitted") != std::string::npos);
    CHECK(store.newest_run());
}

TEST_CASE_FIXTURE(Empty, "processes that migrate at the same time apply each migration once") {
    std::atomic<std::size_t> applied{0};
    std::atomic<int> failed{0};
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.emplace_back([&] {
                const db::ThreadScope scope;
                try {
                    applied += Peer{schema}.store.migrate().size();
                } catch (const std::exception&) {
                    ++failed;
                }
            });
        }
    }
    CHECK(failed == 0);
    CHECK(applied == all());
    CHECK(store.is_current());
}

TEST_CASE_FIXTURE(Empty, "a store that is newer than this binary is refused") {
    store.migrate();
    schema.execute("INSERT INTO " + table("schema_migrations") + " VALUES (9999, '9999-from-the-future', 'x', NOW())");
    const auto error = error_of([&] { store.migrate(); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::refused);
    CHECK(std::string{error->what()}.find("9999-from-the-future") != std::string::npos);
    CHECK(kind_of([&] { store.is_current(); }) == ErrorKind::refused);
}

TEST_CASE_FIXTURE(Empty, "a store that another build made from the same migration's name is refused") {
    store.migrate();
    schema.execute("UPDATE " + table("schema_migrations") + " SET checksum = 'x'");
    CHECK(kind_of([&] { store.is_current(); }) == ErrorKind::refused);
}

TEST_CASE_FIXTURE(Empty, "an account that may not create the store is told what to do") {
    Account account{schema};
    db::Session session{account.endpoint(), {}};
    store::Store limited{session, schema.store_name()};
    CHECK_FALSE(limited.is_current());
    const auto error = error_of([&] { limited.migrate(); });
    REQUIRE(error);
    CHECK(error->kind() == ErrorKind::usage);
    const std::string sentence = error->what();
    CAPTURE(sentence);
    CHECK(sentence.find("rowmill init") != std::string::npos);
    CHECK(sentence.find("GRANT ") != std::string::npos);
    CHECK(sentence.find(account.quoted()) != std::string::npos);
    CHECK(sentence.find(schema.store_name()) != std::string::npos);
}

TEST_CASE_FIXTURE(Empty, "an account that may not create tables works with a store that is there") {
    store.migrate();
    Account account{schema};
    schema.execute("GRANT SELECT, INSERT, UPDATE, DELETE ON " + db::quote_name(schema.store_name()) + ".* TO " +
                   account.quoted());
    db::Session session{account.endpoint(), {}};
    store::Store limited{session, schema.store_name()};
    CHECK(limited.is_current());
    CHECK(limited.migrate().empty());
    CHECK(limited.create_run(Fixture::new_run("identity")).id > 0);
}

TEST_CASE_FIXTURE(Empty, "the store works under every sql_mode that a job may set") {
    store.migrate();
    for (const char* mode :
         {"", "ANSI,STRICT_ALL_TABLES", "NO_BACKSLASH_ESCAPES,PIPES_AS_CONCAT,ANSI_QUOTES",
          "TRADITIONAL,ONLY_FULL_GROUP_BY,PAD_CHAR_TO_FULL_LENGTH", "NO_UNSIGNED_SUBTRACTION,IGNORE_SPACE"}) {
        CAPTURE(mode);
        if (process.session.server().is_mariadb() || std::string_view{mode}.find("PAD") == std::string_view::npos) {
            db::SessionSettings settings;
            settings.sql_mode = mode;
            Peer other{schema, settings};
            store::NewRun wanted = Fixture::new_run(std::string{"identity "} + mode);
            wanted.bound_upto = {Value::text("\\'\"🎒"), Value::bytes(std::string{"\0\\", 2})};
            const auto run = other.store.create_run(wanted);
            CHECK(run.bound_upto == wanted.bound_upto);
            other.store.add_sacks(run.id, std::vector<store::NewSack>{{{}, wanted.bound_upto, 1, true}}, {},
                                  wanted.bound_upto, true);
            const auto worker =
                other.store.register_worker(run.id, store::this_process(), std::chrono::seconds{30}, {});
            const auto sack = other.store.claim_sack(run.id, worker).value();
            CHECK(sack.upto == wanted.bound_upto);
            other.store.checkpoint({.sack = sack.id,
                                    .fence = sack.fence,
                                    .seq = 0,
                                    .low = sack.upto,
                                    .above = {sack.upto},
                                    .completes = true});
            CHECK(other.store.totals(run.id).sacks_done == 1);
            other.store.add_notes(run.id, "a:1", std::vector<store::NewNote>{{.line = "it's \\"}});
            CHECK(other.store.notes(run.id, 0, 10).at(0).line == "it's \\");
            other.store.add_sample(run.id, std::chrono::seconds{4}, {.settled = 1, .rate = 0.5});
            other.store.add_last_sample(run.id, {.settled = 2, .latency_seconds = 1.5});
            CHECK(other.store.samples(run.id, 10).back().settled == 2);
            CHECK(other.store.dead_letter_classes(run.id).empty());
            other.store.leave(worker);
        }
    }
}
