#pragma once

#include "table/condition.hpp"

namespace rowmill::test {

/// Literals without a server: integers bare, everything else in quotes.
inline std::string plain_quote(ValueView value) {
    const bool bare = value.type() == ValueType::integer || value.type() == ValueType::unsigned_integer;
    return bare ? value.as_string() : "'" + value.as_string() + "'";
}

inline table::ColumnDescription column(const char* name, ValueType type, const char* data_type = "int") {
    table::ColumnDescription description;
    description.name = name;
    description.type = type;
    description.data_type = description.column_type = data_type;
    if (type == ValueType::text) description.collation = "utf8mb4_general_ci";
    return description;
}

inline table::KeySpec key_of(std::vector<table::ColumnDescription> columns) {
    return {"PRIMARY", std::move(columns)};
}

inline Key integers(std::vector<int> values) {
    Key key;
    for (const int value : values) key.push_back(Value::integer(value));
    return key;
}

}  // namespace rowmill::test
