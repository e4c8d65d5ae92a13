#include "table/description.hpp"

#include "job/read.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

/// Types by which the server would not read in the order in which it compares, or not at all.
std::optional<std::string> objection_to_type(const ColumnDescription& column) {
    const auto is = [&](auto... names) { return ((column.data_type == names) || ...); };
    if (is("float", "double"))
        return "is " + column.data_type + ": what is read back as text need not compare as equal";
    if (is("enum", "set", "bit")) return "is " + column.data_type + ": it sorts by number and compares as text";
    if (is("json")) return std::string{"is JSON"};
    const bool ordered = column.data_type.ends_with("int") || column.type != ValueType::bytes ||
                         is("binary", "varbinary", "tinyblob", "blob", "mediumblob", "longblob");
    if (!ordered) return "is " + column.data_type + ", which has no order";
    return {};
}

std::optional<std::string> objection_to_column(const Description& table, const IndexColumn& part) {
    if (part.name.empty()) return std::string{"one part of it is an expression"};
    const ColumnDescription* column = table.find(part.name);
    if (column == nullptr) return "column " + part.name + " is not in the table";
    const std::string start = "column " + column->name + " ";
    if (part.prefix) return start + "is indexed only by a prefix";
    if (column->nullable) return start + "may be NULL";
    if (const auto objection = objection_to_type(*column)) return start + *objection;
    return {};
}

/// Why rows can't be read by this index; absent where they can.
std::optional<std::string> objection_to(const Description& table, const IndexDescription& index) {
    if (!index.unique) return std::string{"it is not unique"};
    for (const IndexColumn& part : index.columns) {
        if (auto objection = objection_to_column(table, part)) return objection;
    }
    if (!index.ordered) return std::string{"it is a hash index, which has no order"};
    if (!index.visible) return std::string{"it is invisible to the optimizer"};
    const IndexColumn& first = index.columns.front();
    for (const IndexColumn& part : index.columns) {
        if (part.descending != first.descending) return "column " + part.name + " runs against column " + first.name;
    }
    return {};
}

std::string columns_of(const IndexDescription& index) {
    std::string names;
    for (const IndexColumn& part : index.columns) names += (names.empty() ? "" : ", ") + part.name;
    return names;
}

bool is_primary(const IndexDescription& index) {
    return index.name == "PRIMARY";
}

/// What could be done instead: the indexes that would do, or what to add.
std::string advice(const Description& table) {
    std::string usable;
    for (const IndexDescription& index : table.indexes) {
        if (objection_to(table, index)) continue;
        if (!usable.empty()) usable += ", ";
        usable += (is_primary(index) ? "the primary key (" : index.name + " (") + columns_of(index) + ")";
    }
    if (!usable.empty()) return "; set source.key_index to one that will do: " + usable;
    return "; no other index will do: add a primary key, or a unique index on NOT NULL columns, and name it in "
           "source.key_index";
}

const IndexDescription& find_index(const Description& table, const std::string& key_index) {
    const std::string wanted = key_index.empty() ? "PRIMARY" : key_index;
    const auto found =
        std::ranges::find_if(table.indexes, [&](const auto& index) { return same_name(index.name, wanted); });
    if (found != table.indexes.end()) return *found;
    const std::string missing = key_index.empty() ? "no primary key" : "no index " + key_index;
    throw Error{ErrorKind::refused, "table " + table.quoted() + " has " + missing + advice(table)};
}

}  // namespace

bool KeySpec::is_single_integer() const {
    // A year is none: the server compares what lies outside 1901–2155 in its own way.
    return columns.size() == 1 && columns[0].data_type != "year" &&
           (columns[0].type == ValueType::integer || columns[0].type == ValueType::unsigned_integer);
}

bool KeySpec::auto_increment_leads() const {
    return !columns.empty() && columns[0].auto_increment;
}

KeySpec choose_key(const Description& table, const std::string& key_index) {
    const IndexDescription& index = find_index(table, key_index);
    if (const auto objection = objection_to(table, index)) {
        const std::string name = is_primary(index) ? "the primary key" : "index " + index.name;
        throw Error{ErrorKind::refused, "table " + table.quoted() + " can't be read by " + name + " (" +
                                            columns_of(index) + "): " + *objection + advice(table)};
    }
    KeySpec key;
    key.index = index.name;
    for (const IndexColumn& part : index.columns) key.columns.push_back(*table.find(part.name));
    return key;
}

Shape shape_of(const Description& table, const KeySpec& key, const std::vector<std::string>& columns) {
    Shape shape;
    for (const ColumnDescription& column : key.columns) shape.columns.push_back({column.name, column.type});
    shape.key_columns = key.columns.size();
    for (const std::string& name : columns) {
        const ColumnDescription* column = table.find(name);
        if (column == nullptr) {
            std::vector<std::string> known;
            for (const ColumnDescription& each : table.columns) known.push_back(each.name);
            std::string sentence = "table " + table.quoted() + " has no column " + name;
            if (const auto near = job::nearest(name, known)) sentence += "; did you mean " + *near + "?";
            throw Error{ErrorKind::usage, sentence};
        }
        if (!shape.find(column->name)) shape.columns.push_back({column->name, column->type});
    }
    return shape;
}

job::Fingerprint fingerprint(const Description& table, const KeySpec& key) {
    job::Fingerprint parts{{"table", table.schema + "." + table.name}, {"engine", table.engine}};
    std::string& index = parts["key"];
    index = key.index;
    for (const ColumnDescription& column : key.columns) {
        index += (&column == key.columns.data() ? " (" : ", ") + column.name;
        parts["type of " + column.name] = column.column_type;
        if (!column.collation.empty()) parts["collation of " + column.name] = column.collation;
    }
    index += ")";
    return parts;
}

}  // namespace rowmill::table
