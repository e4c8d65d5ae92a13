#pragma once

#include "db/session.hpp"

#include <mysql.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::db {

/// One column of parameters in the layout that array binding reads: a value for each row, side by side. The values
/// must outlive it.
class ParameterColumn {
public:
    /// Of column `index` of the rows. Integers travel as 64-bit integers and floats as doubles where all values of the
    /// column are of that type; anything else as text, bytes or decimals, for the server to convert.
    ParameterColumn(std::span<const std::vector<Value>> rows, std::size_t index);

    void bind(MYSQL_BIND& bind);

private:
    void add_number(const Value& value);
    void add_text(const Value& value);

    enum_field_types type_ = MYSQL_TYPE_STRING;
    bool unsigned_ = false;  ///< of integers
    std::vector<std::uint64_t> integers_;
    std::vector<double> doubles_;
    std::vector<const char*> texts_;
    std::vector<unsigned long> lengths_;
    std::vector<char> indicators_;
};

struct StatementCloser {
    void operator()(MYSQL_STMT* statement) const { mysql_stmt_close(statement); }
};

/// The statement prepared last, kept because a run executes the same one batch after batch.
class PreparedStatement {
public:
    /// False where the library or the server refuses; `error` says why.
    bool prepare(MYSQL* connection, std::string_view text);
    /// Executes for each row in one round trip. Throws Error{internal} where the rows do not fit the placeholders.
    bool execute(std::span<const std::vector<Value>> rows);
    Executed executed() const;
    Error error(MYSQL* connection) const;
    void forget();

private:
    std::unique_ptr<MYSQL_STMT, StatementCloser> statement_;
    std::string text_;
};

}  // namespace rowmill::db
