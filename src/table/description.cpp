#include "table/description.hpp"

#include "job/read.hpp"

#include <algorithm>
#include <cctype>
#include <map>

namespace rowmill::table {
namespace {

constexpr int unknown_database = 1049, table_access_denied = 1142, no_such_table = 1146;

std::string literal(const db::Session& session, const std::string& text) {
    return session.quote(Value::text(text));
}

ValueType type_of(const std::string& data_type, const std::string& column_type) {
    static const std::map<std::string, ValueType, std::less<>> others{
        {"year", ValueType::integer},      {"bit", ValueType::unsigned_integer},
        {"decimal", ValueType::decimal},   {"float", ValueType::number},
        {"double", ValueType::number},     {"date", ValueType::date},
        {"datetime", ValueType::datetime}, {"timestamp", ValueType::timestamp},
        {"time", ValueType::time},         {"uuid", ValueType::uuid},
        {"inet4", ValueType::inet},        {"inet6", ValueType::inet},
        {"char", ValueType::text},         {"varchar", ValueType::text},
        {"tinytext", ValueType::text},     {"text", ValueType::text},
        {"mediumtext", ValueType::text},   {"longtext", ValueType::text},
        {"enum", ValueType::text},         {"set", ValueType::text},
        {"json", ValueType::text},
    };
    if (data_type.ends_with("int")) {
        const bool is_unsigned = column_type.find("unsigned") != std::string::npos;
        return is_unsigned ? ValueType::unsigned_integer : ValueType::integer;
    }
    const auto found = others.find(data_type);
    return found == others.end() ? ValueType::bytes : found->second;
}

/// `octets` is what the server says of a string's longest value; empty for other types.
unsigned key_bytes_of(const std::string& data_type, const std::string& octets) {
    static const std::map<std::string, unsigned, std::less<>> fixed{
        {"smallint", 2},  {"mediumint", 3}, {"int", 4},   {"bigint", 8}, {"date", 3},   {"time", 3},
        {"timestamp", 4}, {"datetime", 5},  {"uuid", 16}, {"inet4", 4},  {"inet6", 16},
    };
    if (data_type.ends_with("char") || data_type.ends_with("binary")) {
        const std::uint64_t length = Value{ValueType::unsigned_integer, octets}.view().as_unsigned();
        return static_cast<unsigned>(std::min<std::uint64_t>(length, 65535)) + (data_type.starts_with("var") ? 2 : 0);
    }
    const auto found = fixed.find(data_type);
    return found == fixed.end() ? 1 : found->second;
}

/// Reads the cells of a result by name: the two servers do not order (or capitalise) the columns of
/// information_schema alike, and each has some that the other lacks.
class NamedCells {
public:
    explicit NamedCells(db::ResultSet result) : result_{std::move(result)} {}

    std::size_t rows() const { return result_.rows.size(); }
    /// Empty for NULL and for a column that this server does not have.
    std::string operator()(std::size_t row, std::string_view column) const {
        const auto position = result_.find(column);
        return position ? result_.text(row, *position) : std::string{};
    }

private:
    db::ResultSet result_;
};

std::string in_table(const db::Session& session, const Description& table) {
    return " WHERE table_schema = " + literal(session, table.schema) +
           " AND table_name = " + literal(session, table.name);
}

[[noreturn]] void throw_unknown(const std::string& what, const std::string& name, const db::ResultSet& names) {
    std::vector<std::string> known;
    for (std::size_t row = 0; row < names.rows.size(); ++row) known.push_back(names.text(row, 0));
    std::string sentence = "there is no " + what + ", or no privilege on it";
    if (const auto near = job::nearest(name, known)) sentence += "; did you mean " + *near + "?";
    throw Error{ErrorKind::usage, sentence};
}

[[noreturn]] void throw_unknown_table(db::Session& session, const std::string& schema, const std::string& table) {
    const db::ResultSet tables = session.query(
        "SELECT table_name FROM information_schema.tables WHERE table_type = 'BASE TABLE' AND table_schema = " +
        literal(session, schema) + " LIMIT 10000");
    if (!tables.empty()) throw_unknown("table " + db::quote_name(schema, table), table, tables);
    const db::ResultSet schemas = session.query("SELECT schema_name FROM information_schema.schemata LIMIT 10000");
    for (std::size_t row = 0; row < schemas.rows.size(); ++row)
        if (same_name(schemas.text(row, 0), schema)) throw_unknown("table " + db::quote_name(schema, table), table, {});
    throw_unknown("database " + db::quote_name(schema), schema, schemas);
}

void read_table(db::Session& session, Description& table) {
    const NamedCells cells{
        session.query("SELECT t.*, e.transactions FROM information_schema.tables t"
                      " LEFT JOIN information_schema.engines e ON e.engine = t.engine" +
                      in_table(session, table))};
    if (cells.rows() == 0) throw_unknown_table(session, table.schema, table.name);
    table.schema = cells(0, "table_schema");
    table.name = cells(0, "table_name");
    if (cells(0, "table_type").find("VIEW") != std::string::npos) {
        throw Error{ErrorKind::usage, table.quoted() + " is a view; rowmill reads tables, by their key"};
    }
    table.engine = cells(0, "engine");
    table.transactional = cells(0, "transactions") == "YES";
    const std::string rows = cells(0, "table_rows");
    table.estimated_rows = rows.empty() ? 0 : std::stoull(rows);
}

void read_columns(db::Session& session, Description& table) {
    const NamedCells cells{session.query("SELECT * FROM information_schema.columns" + in_table(session, table) +
                                         " ORDER BY ordinal_position")};
    for (std::size_t row = 0; row < cells.rows(); ++row) {
        ColumnDescription column;
        column.name = cells(row, "column_name");
        column.data_type = cells(row, "data_type");
        column.column_type = cells(row, "column_type");
        column.collation = cells(row, "collation_name");
        column.type = type_of(column.data_type, column.column_type);
        column.nullable = cells(row, "is_nullable") == "YES";
        const std::string extra = cells(row, "extra");
        column.auto_increment = extra.find("auto_increment") != std::string::npos;
        column.key_bytes = key_bytes_of(column.data_type, cells(row, "character_octet_length"));
        column.generated = extra.find("GENERATED") != std::string::npos && extra.find("DEFAULT_GENERATED") != 0;
        table.columns.push_back(std::move(column));
    }
}

void read_indexes(db::Session& session, Description& table) {
    const NamedCells cells{session.query("SELECT * FROM information_schema.statistics" + in_table(session, table) +
                                         " ORDER BY index_name, seq_in_index")};
    for (std::size_t row = 0; row < cells.rows(); ++row) {
        const std::string name = cells(row, "index_name");
        if (table.indexes.empty() || table.indexes.back().name != name) {
            const std::string type = cells(row, "index_type");
            table.indexes.push_back({name,
                                     cells(row, "non_unique") == "0",
                                     type == "BTREE",
                                     cells(row, "is_visible") != "NO" && cells(row, "ignored") != "YES",
                                     {}});
        }
        table.indexes.back().columns.push_back(
            {cells(row, "column_name"), !cells(row, "sub_part").empty(), cells(row, "collation") == "D"});
    }
}

void read_partitions(db::Session& session, Description& table) {
    const NamedCells cells{session.query(
        "SELECT partition_name, MIN(partition_ordinal_position) AS ordinal FROM information_schema.partitions" +
        in_table(session, table) + " AND partition_name IS NOT NULL GROUP BY partition_name ORDER BY ordinal")};
    for (std::size_t row = 0; row < cells.rows(); ++row) table.partitions.push_back(cells(row, "partition_name"));
    table.partitioned = !table.partitions.empty();
}

/// Empty where the account may not ask.
std::string create_statement(db::Session& session, const Description& table) {
    try {
        return session.query("SHOW CREATE TABLE " + table.quoted()).text(0, 1);
    } catch (const Error& error) {
        const int code = error.server_code;
        if (code != table_access_denied && code != no_such_table && code != unknown_database) throw;
        return {};
    }
}

/// Where a CREATE statement says the next id: " AUTO_INCREMENT=42".
struct NextId {
    std::size_t begin = 0, digits = 0, end = 0;
};
std::optional<NextId> find_next_id(const std::string& statement) {
    constexpr std::string_view option = " AUTO_INCREMENT=";
    const auto at = statement.rfind(option);
    if (at == std::string::npos) return {};
    const auto end = statement.find_first_not_of("0123456789", at + option.size());
    return NextId{at, at + option.size(), std::min(end, statement.size())};
}

}  // namespace

bool same_name(std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b,
                              [](unsigned char x, unsigned char y) { return std::tolower(x) == std::tolower(y); });
}

const ColumnDescription* Description::find(std::string_view column) const {
    const auto found = std::ranges::find_if(columns, [&](const auto& each) { return same_name(each.name, column); });
    return found == columns.end() ? nullptr : &*found;
}

std::string Description::quoted() const {
    return db::quote_name(schema, name);
}

Description describe(db::Session& session, const std::string& schema, const std::string& table) {
    Description description;
    description.schema = schema;
    description.name = table;
    if (schema.empty()) {
        const db::ResultSet current = session.query("SELECT DATABASE()");
        description.schema = current.text(0, 0);
        if (description.schema.empty()) {
            throw Error{ErrorKind::usage,
                        "no database is chosen: name it with -D, in the DSN, or as database." + table};
        }
    }
    read_table(session, description);
    read_columns(session, description);
    read_indexes(session, description);
    read_partitions(session, description);
    return description;
}

std::string definition(db::Session& session, const Description& table) {
    std::string shown = create_statement(session, table);
    if (const auto place = find_next_id(shown)) shown.erase(place->begin, place->end - place->begin);
    return shown;
}

std::optional<std::uint64_t> next_id(db::Session& session, const Description& table) {
    const std::string shown = create_statement(session, table);
    if (shown.empty()) return {};
    const auto place = find_next_id(shown);
    if (!place) return 1;
    const std::string digits = shown.substr(place->digits, place->end - place->digits);
    return Value{ValueType::unsigned_integer, digits}.view().as_unsigned();
}

}  // namespace rowmill::table
