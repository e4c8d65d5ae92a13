#include "store/migrations.hpp"

#include "sql/embedded.hpp"
#include "store/sql_template.hpp"

#include <rowmill/error.hpp>

#include <array>
#include <charconv>
#include <cstdio>

namespace rowmill::store {
namespace {

/// FNV-1a, 64 bits: tells a changed migration from an unchanged one, nothing more.
class Checksum {
public:
    void add(std::string_view text) {
        for (const char c : text) state_ = (state_ ^ static_cast<unsigned char>(c)) * 0x100000001B3;
    }
    std::string hex() const {
        std::array<char, 17> digits{};
        std::snprintf(digits.data(), digits.size(), "%016lx", static_cast<unsigned long>(state_));
        return digits.data();
    }

private:
    std::uint64_t state_ = 0xCBF29CE484222325;
};

std::string write(const SqlTemplate& statement, const std::string& quoted_schema) {
    std::string sql;
    for (const SqlTemplate::Piece& piece : statement.pieces) {
        sql += piece.kind == SqlTemplate::Kind::text ? piece.text : quoted_schema;
    }
    return sql;
}

Migration read(const sql::File& file, const std::string& quoted_schema) {
    Migration migration;
    migration.name = file.name;
    std::from_chars(file.name.data(), file.name.data() + file.name.size(), migration.version);
    Checksum checksum;
    for (const SqlTemplate& statement : parse_sql(file.text)) {
        checksum.add(write(statement, "schema"));
        checksum.add(";");
        migration.statements.push_back(write(statement, quoted_schema));
    }
    migration.checksum = checksum.hex();
    return migration;
}

}  // namespace

std::vector<Migration> read_migrations(const std::string& quoted_schema) {
    std::vector<Migration> migrations;
    for (const sql::File& file : sql::migrations()) migrations.push_back(read(file, quoted_schema));
    return migrations;
}

}  // namespace rowmill::store
