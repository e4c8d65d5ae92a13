#include "store/cells.hpp"
#include "store/migrations.hpp"
#include "store/store.hpp"

#include <algorithm>

namespace rowmill::store {
namespace {

constexpr std::uint64_t lock_seconds = 60;

/// Access denied to a schema, to a table, for want of a global privilege.
constexpr int denials[] = {1044, 1142, 1227};

/// A column or a key that is there, one to be dropped that is not: MySQL's ALTER TABLE has no IF EXISTS.
constexpr int done_already[] = {1060, 1061, 1091};

bool is_done_already(const Error& error) {
    return std::ranges::find(done_already, error.server_code) != std::end(done_already);
}

bool is_denial(const Error& error) {
    return std::ranges::find(denials, error.server_code) != std::end(denials);
}

}  // namespace

/// Holds off other processes that migrate the same schema. Galera has no such locks: there the statements' IF NOT
/// EXISTS must do.
class Store::MigrationLock {
public:
    explicit MigrationLock(Store& store) : store_{store}, wanted_{!store.session_.server().galera} {
        if (!wanted_) return;
        const db::ResultSet got = store_.session_.query(
            store_.sql("lock_migrations", {{"schema_name", Value::text(store_.schema_)}, {"seconds", lock_seconds}}));
        if (got.text(0, 0) != "1") {
            throw Error{ErrorKind::refused, "another process has been changing the run store " +
                                                store_.dialect_.schema + " for a minute: try again when it is done"};
        }
    }
    ~MigrationLock() {
        if (!wanted_ || !store_.session_.usable()) return;
        try {
            store_.session_.query(store_.sql("unlock_migrations", {{"schema_name", Value::text(store_.schema_)}}));
        } catch (const Error&) {
            // It ends with the connection.
        }
    }
    MigrationLock(const MigrationLock&) = delete;
    MigrationLock& operator=(const MigrationLock&) = delete;

private:
    Store& store_;
    bool wanted_;
};

std::vector<Migration> Store::missing_migrations() {
    std::vector<Migration> missing = read_migrations(dialect_.schema);
    if (!exists()) return missing;
    const db::ResultSet applied = session_.query(sql("applied_migrations"));
    for (std::size_t row = 0; row < applied.rows.size(); ++row) {
        Cells cells{applied, row};
        const std::uint64_t version = cells.number();
        const std::string name = cells.text();
        const auto known = std::ranges::find(missing, version, &Migration::version);
        if (known == missing.end()) {
            throw Error{ErrorKind::refused, "the run store " + dialect_.schema +
                                                " is newer than this rowmill (it has " + name +
                                                "): use the rowmill that made it, or a later one"};
        }
        if (known->checksum != cells.text()) {
            throw Error{ErrorKind::refused, "the run store " + dialect_.schema + " was made by another build of " +
                                                name + ": use that one, or another --store-schema"};
        }
        missing.erase(known);
    }
    return missing;
}

bool Store::exists() {
    const db::ResultSet table = session_.query(sql("migrations_table_exists", {{"schema_name", Value::text(schema_)}}));
    return Cells{table, 0}.flag();
}

bool Store::is_current() {
    return missing_migrations().empty();
}

std::vector<std::string> Store::migrate() {
    std::vector<std::string> applied;
    if (missing_migrations().empty()) return applied;
    try {
        const MigrationLock lock{*this};
        for (const Migration& migration : missing_migrations()) {
            apply(migration);
            applied.push_back(migration.name);
        }
    } catch (const Error& error) {
        if (!is_denial(error)) throw;
        throw Error{ErrorKind::usage, not_allowed(error.what())};
    }
    return applied;
}

void Store::apply(const Migration& migration) {
    const db::ResultSet schema = session_.query(sql("schema_exists", {{"schema_name", Value::text(schema_)}}));
    if (!Cells{schema, 0}.flag()) session_.execute(sql("create_schema"));
    for (const std::string& statement : migration.statements) {
        try {
            session_.execute(statement);
        } catch (const Error& error) {
            if (!is_done_already(error)) throw;
        }
    }
    session_.execute(sql("record_migration", {{"version", migration.version},
                                              {"name", Value::text(migration.name)},
                                              {"checksum", Value::text(migration.checksum)}}));
}

std::string Store::not_allowed(const std::string& reason) {
    const std::string account = session_.query(sql("current_account")).text(0, 0);
    return "the run store " + dialect_.schema + " is not there or not up to date, and " + account +
           " may not change that (" + reason +
           "). Run `rowmill init` once with an account that may, or: GRANT SELECT, INSERT, UPDATE, DELETE, CREATE, "
           "ALTER, INDEX, DROP ON " +
           dialect_.schema + ".* TO " + account;
}

}  // namespace rowmill::store
