#pragma once

#include <rowmill/export.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rowmill {

/// What a value is on the server. It decides how the value is written back into SQL, and what the
/// client may do with it: only `integer` and `unsigned_integer` may be compared or computed here,
/// everything else is ordered by the server alone.
enum class ValueType : std::uint8_t {
    null,
    integer,           ///< any signed integer, and year
    unsigned_integer,  ///< any unsigned integer
    decimal,           ///< exact, as text
    number,            ///< float and double, as text
    text,              ///< characters, utf8mb4
    bytes,             ///< binary strings, zero bytes included
    date,
    datetime,
    timestamp,  ///< in UTC
    time,
    uuid,  ///< uuid and inet types: text that the server converts
    inet,
};

/// The type's name as it is stored in checkpoints and shown in messages, e.g. "integer".
ROWMILL_EXPORT std::string_view name_of(ValueType type);

/// A value that belongs to somebody else: a cell of a page, or a `Value`. Cheap to copy; valid as
/// long as its owner. The text is the one that the server sent.
class ROWMILL_EXPORT ValueView {
public:
    constexpr ValueView() = default;
    constexpr ValueView(ValueType type, std::string_view text) : text_{text}, type_{type} {}

    constexpr ValueType type() const { return type_; }
    constexpr bool is_null() const { return type_ == ValueType::null; }
    constexpr std::string_view text() const { return text_; }

    /// The text, or the empty string for NULL.
    std::string as_string() const { return std::string{text_}; }
    /// Throws Error{usage} where the text is NULL, not an integer, or out of range.
    std::int64_t as_integer() const;
    std::uint64_t as_unsigned() const;
    /// Throws Error{usage} where the text is NULL or not a number.
    double as_number() const;
    /// False for NULL, 0 and the empty string.
    bool as_boolean() const;

    friend bool operator==(const ValueView&, const ValueView&) = default;

private:
    std::string_view text_;
    ValueType type_ = ValueType::null;
};

/// A value that owns its text. Equality is of type and bytes: what a collation thinks of them, only
/// the server knows.
class ROWMILL_EXPORT Value {
public:
    Value() = default;  ///< NULL
    Value(ValueType type, std::string text) : text_{std::move(text)}, type_{type} {}
    explicit Value(ValueView view) : text_{view.text()}, type_{view.type()} {}

    static Value integer(std::int64_t value) { return {ValueType::integer, std::to_string(value)}; }
    static Value unsigned_integer(std::uint64_t value) {
        return {ValueType::unsigned_integer, std::to_string(value)};
    }
    static Value text(std::string value) { return {ValueType::text, std::move(value)}; }
    static Value bytes(std::string value) { return {ValueType::bytes, std::move(value)}; }

    operator ValueView() const { return {type_, text_}; }  // NOLINT: a Value is readable as a view
    ValueType type() const { return type_; }
    bool is_null() const { return type_ == ValueType::null; }
    const std::string& text() const { return text_; }
    ValueView view() const { return {type_, text_}; }

    friend bool operator==(const Value&, const Value&) = default;

private:
    std::string text_;
    ValueType type_ = ValueType::null;
};

/// A row's key: one value for each key column, in the order of the index.
using Key = std::vector<Value>;

/// A key as it is stored: parts of `type:length:text,` one after another (length in bytes), so that
/// any bytes survive. The empty key (no bound) is the empty string.
ROWMILL_EXPORT std::string encode_key(const Key& key);
/// Throws Error{refused} for text that encode_key did not write: a checkpoint that cannot be read is
/// never taken for "from the start".
ROWMILL_EXPORT Key decode_key(std::string_view stored);
/// A key for people: `42`, `(7, 'O''Brien', 0x00ff)`.
ROWMILL_EXPORT std::string display(const Key& key);
ROWMILL_EXPORT std::string display(ValueView value);
/// Reads a key back, of parts of these types: as `display` writes it, or as a JSON array (`["7", "O'Brien", "0x00ff"]`).
/// The quotes around the one part of a key may be left out. Throws Error{usage} that says what was expected.
ROWMILL_EXPORT Key parse_key(std::string_view text, const std::vector<ValueType>& types);

}  // namespace rowmill
