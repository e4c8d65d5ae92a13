#pragma once

#include "db/session.hpp"
#include "job/fingerprint.hpp"

#include <rowmill/item.hpp>

#include <optional>
#include <string>
#include <vector>

namespace rowmill::table {

struct ColumnDescription {
    std::string name;
    std::string data_type;    ///< as information_schema says: "bigint", "varchar"
    std::string column_type;  ///< "bigint(20) unsigned"
    std::string collation;    ///< empty for types without one
    ValueType type = ValueType::text;
    bool nullable = false;
    bool auto_increment = false;
    bool generated = false;
    unsigned key_bytes = 1;  ///< what the column takes of an index entry, at least, as EXPLAIN's key_len counts it
};

struct IndexColumn {
    std::string name;         ///< empty for an expression
    bool prefix = false;      ///< only the first characters are indexed
    bool descending = false;  ///< MySQL 8 and MariaDB 10.8
};

struct IndexDescription {
    std::string name;  ///< "PRIMARY" or as created
    bool unique = false;
    bool ordered = true;  ///< false for a hash index
    bool visible = true;  ///< false where the optimizer may not use it
    std::vector<IndexColumn> columns;
};

/// A table as the server describes it.
struct Description {
    std::string schema, name, engine;
    bool transactional = false;  ///< the engine has transactions
    bool partitioned = false;
    std::vector<std::string> partitions;
    std::vector<ColumnDescription> columns;
    std::vector<IndexDescription> indexes;
    std::uint64_t estimated_rows = 0;

    const ColumnDescription* find(std::string_view column) const;
    std::string quoted() const;  ///< `schema`.`name`
};

/// Names of columns and indexes are compared without regard to (ASCII) case.
bool same_name(std::string_view a, std::string_view b);

/// Throws Error{usage} where there is no such table, or it is a view; suggests near names.
Description describe(db::Session& session, const std::string& schema, const std::string& table);

/// The table as SHOW CREATE TABLE has it, but for what changes with its rows: two that are equal describe the same table.
/// A tenth of what `describe` costs. Empty where the account may not ask, or there is no such table.
std::string definition(db::Session& session, const Description& table);

/// The number that the next row of an AUTO_INCREMENT column will be given, at least. Absent where it is not told.
std::optional<std::uint64_t> next_id(db::Session& session, const Description& table);

/// The key that rows are read by: columns of one unique index.
struct KeySpec {
    std::string index;
    std::vector<ColumnDescription> columns;

    /// One integer column (signed or unsigned): the only keys that the client may compute on.
    bool is_single_integer() const;
    bool auto_increment_leads() const;
};

/// The primary key, or the unique index `key_index`. Throws Error{refused}, naming the offending column and
/// the indexes that would do: no key, a nullable column, float/double, a prefix index, bit, enum/set, JSON,
/// columns of mixed direction.
KeySpec choose_key(const Description& table, const std::string& key_index);

/// The key's columns first, then those asked for that are not part of it. Throws Error{usage} for an unknown
/// column, with the nearest name.
Shape shape_of(const Description& table, const KeySpec& key, const std::vector<std::string>& columns);

/// What of the table a run depends on: table, engine, key columns with types and collations, index.
job::Fingerprint fingerprint(const Description& table, const KeySpec& key);

}  // namespace rowmill::table
