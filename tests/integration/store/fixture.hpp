#pragma once

#include "store/sack_row.hpp"
#include "store/statements.hpp"
#include "store/store.hpp"
#include "support/server.hpp"

#include <doctest/doctest.h>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::store_test {

using namespace rowmill::test;

inline Key key(std::int64_t value) {
    return {Value::integer(value)};
}

/// The kind of the error that `call` throws, and its sentence.
template <typename Call>
std::optional<Error> error_of(Call&& call) {
    try {
        std::forward<Call>(call)();
    } catch (const Error& error) {
        return error;
    }
    return {};
}

template <typename Call>
std::optional<ErrorKind> kind_of(Call&& call) {
    const auto error = error_of(std::forward<Call>(call));
    return error ? std::optional{error->kind()} : std::nullopt;
}

/// A run's sacks as they are stored, whole, the first `most` by ordinal.
inline std::vector<store::SackRecord> list_sacks(store::Store& store, store::RunId run, std::size_t most) {
    const db::ResultSet result =
        store.session().query("SELECT " + store::render("sack_columns", {}) + " FROM " + db::quote_name(store.schema(), "sacks") +
                              " WHERE run_id = " + std::to_string(run) + " ORDER BY ordinal LIMIT " + std::to_string(most));
    std::vector<store::SackRecord> sacks;
    for (std::size_t row = 0; row < result.rows.size(); ++row) sacks.push_back(store::read_sack(result, row));
    return sacks;
}

/// A session of its own, with a store on it: what another process would have.
struct Peer {
    explicit Peer(const Schema& schema, const db::SessionSettings& settings = {})
        : session{schema.endpoint(), settings}, store{session, schema.store_name()} {}

    db::Session session;
    store::Store store;
};

/// A store with a run in it.
struct Fixture {
    Fixture() {
        store.migrate();
        run = store.create_run(new_run("identity"));
    }

    static store::NewRun new_run(const std::string& identity) {
        return {.job = "fix-invoices",
                .identity = identity,
                .fingerprint = "{}",
                .params = "{}",
                .settings = "{}",
                .server = "test",
                .bound_after = {},
                .bound_upto = key(100)};
    }

    /// `count` sacks of ten rows, (0, 10], (10, 20] …
    void plan(int count) {
        std::vector<store::NewSack> sacks;
        for (int i = 0; i < count; ++i) sacks.push_back({key(10 * i), key(10 * i + 10), 10, true});
        store.add_sacks(run.id, sacks, run.walk_position, key(10 * count), true);
    }

    store::WorkerId join(std::chrono::milliseconds lease = std::chrono::minutes{1}) {
        return store.register_worker(run.id, self, lease, {});
    }
    bool renew(store::WorkerId worker, std::chrono::milliseconds lease) { return store.renew_lease(worker, self, lease); }

    /// A name in the store's schema.
    std::string table(std::string_view name) const { return db::quote_name(schema.store_name(), name); }

    const store::WorkerIdentity self{"host", "boot", 4711, 99};
    Schema schema;
    Peer process{schema};
    store::Store& store = process.store;
    store::RunRecord run;
};

}  // namespace rowmill::store_test
