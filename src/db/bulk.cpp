#include "db/bulk.hpp"

#include "db/errors.hpp"

#include <algorithm>
#include <charconv>

namespace rowmill::db {
namespace {

/// The type that the values of a column have in common, NULLs aside; text where they differ.
ValueType common_type(std::span<const std::vector<Value>> rows, std::size_t index) {
    ValueType common = ValueType::null;
    for (const auto& row : rows) {
        const ValueType type = row[index].type();
        if (type == ValueType::null || type == common) continue;
        if (common != ValueType::null) return ValueType::text;
        common = type;
    }
    return common;
}

template <typename Number>
bool parses_as(std::string_view text) {
    Number number{};
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    return read.ec == std::errc{} && read.ptr == text.data() + text.size();
}

template <typename Number>
Number parse(std::string_view text) {
    Number number{};
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

template <typename Number>
bool all_parse(std::span<const std::vector<Value>> rows, std::size_t index) {
    return std::all_of(rows.begin(), rows.end(),
                       [&](const auto& row) { return row[index].is_null() || parses_as<Number>(row[index].text()); });
}

enum_field_types wire_type(std::span<const std::vector<Value>> rows, std::size_t index, ValueType type) {
    switch (type) {
        case ValueType::integer:
            return all_parse<std::int64_t>(rows, index) ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
        case ValueType::unsigned_integer:
            return all_parse<std::uint64_t>(rows, index) ? MYSQL_TYPE_LONGLONG : MYSQL_TYPE_STRING;
        case ValueType::number:
            return all_parse<double>(rows, index) ? MYSQL_TYPE_DOUBLE : MYSQL_TYPE_STRING;
        case ValueType::decimal:
            return MYSQL_TYPE_NEWDECIMAL;
        case ValueType::bytes:
            return MYSQL_TYPE_BLOB;
        default:
            return MYSQL_TYPE_STRING;
    }
}

}  // namespace

ParameterColumn::ParameterColumn(std::span<const std::vector<Value>> rows, std::size_t index) {
    const ValueType type = common_type(rows, index);
    type_ = wire_type(rows, index, type);
    unsigned_ = type == ValueType::unsigned_integer;
    indicators_.reserve(rows.size());
    for (const auto& row : rows) {
        const Value& value = row[index];
        indicators_.push_back(value.is_null() ? STMT_INDICATOR_NULL : STMT_INDICATOR_NONE);
        if (type_ == MYSQL_TYPE_LONGLONG || type_ == MYSQL_TYPE_DOUBLE)
            add_number(value);
        else
            add_text(value);
    }
}

void ParameterColumn::add_number(const Value& value) {
    if (type_ == MYSQL_TYPE_DOUBLE)
        doubles_.push_back(parse<double>(value.text()));
    else if (unsigned_)
        integers_.push_back(parse<std::uint64_t>(value.text()));
    else
        integers_.push_back(static_cast<std::uint64_t>(parse<std::int64_t>(value.text())));
}

void ParameterColumn::add_text(const Value& value) {
    texts_.push_back(value.text().data());
    lengths_.push_back(value.text().size());
}

void ParameterColumn::bind(MYSQL_BIND& bind) {
    bind = {};
    bind.buffer_type = type_;
    bind.is_unsigned = unsigned_ ? 1 : 0;
    bind.u.indicator = indicators_.data();
    if (type_ == MYSQL_TYPE_LONGLONG) {
        bind.buffer = integers_.data();
    } else if (type_ == MYSQL_TYPE_DOUBLE) {
        bind.buffer = doubles_.data();
    } else {
        bind.buffer = texts_.data();
        bind.length = lengths_.data();
    }
}

bool PreparedStatement::prepare(MYSQL* connection, std::string_view text) {
    if (statement_ != nullptr && text_ == text) return true;
    text_ = text;
    statement_.reset(mysql_stmt_init(connection));
    return statement_ != nullptr && mysql_stmt_prepare(statement_.get(), text.data(), text.size()) == 0;
}

bool PreparedStatement::execute(std::span<const std::vector<Value>> rows) {
    const std::size_t width = mysql_stmt_param_count(statement_.get());
    const bool fits = std::all_of(rows.begin(), rows.end(), [width](const auto& row) { return row.size() == width; });
    if (!fits || width == 0) {
        throw Error{ErrorKind::internal, "rows of parameters do not fit the placeholders of: " + shortened(text_)};
    }
    std::vector<ParameterColumn> columns;
    columns.reserve(width);
    std::vector<MYSQL_BIND> binds(width);
    for (std::size_t i = 0; i < width; ++i) columns.emplace_back(rows, i).bind(binds[i]);

    const auto count = static_cast<unsigned>(rows.size());
    return mysql_stmt_attr_set(statement_.get(), STMT_ATTR_ARRAY_SIZE, &count) == 0 &&
           mysql_stmt_bind_param(statement_.get(), binds.data()) == 0 && mysql_stmt_execute(statement_.get()) == 0;
}

Executed PreparedStatement::executed() const {
    return {mysql_stmt_affected_rows(statement_.get()), mysql_stmt_insert_id(statement_.get()),
            static_cast<unsigned>(mysql_stmt_warning_count(statement_.get()))};
}

Error PreparedStatement::error(MYSQL* connection) const {
    if (statement_ == nullptr || mysql_stmt_errno(statement_.get()) == 0) {
        return server_error(static_cast<int>(mysql_errno(connection)), mysql_sqlstate(connection),
                            mysql_error(connection), text_);
    }
    return server_error(static_cast<int>(mysql_stmt_errno(statement_.get())), mysql_stmt_sqlstate(statement_.get()),
                        mysql_stmt_error(statement_.get()), text_);
}

void PreparedStatement::forget() {
    statement_.reset();
    text_.clear();
}

}  // namespace rowmill::db
