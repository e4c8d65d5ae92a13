#pragma once

#include <rowmill/value.hpp>

#include <algorithm>
#include <cstdint>

namespace rowmill::table {

/// An integer key counted from the lowest that its type has, so that differences fit into 64 bits without a sign.
class IntegerOffsets {
public:
    explicit IntegerOffsets(ValueType type) : signed_{type == ValueType::integer} {}

    std::uint64_t of(const Value& value) const {
        return signed_ ? static_cast<std::uint64_t>(value.view().as_integer()) ^ sign_bit : value.view().as_unsigned();
    }
    Value value(std::uint64_t offset) const {
        return signed_ ? Value::integer(static_cast<std::int64_t>(offset ^ sign_bit)) : Value::unsigned_integer(offset);
    }
    /// Where a table starts of which it is not known: at zero, or where its last key is.
    std::uint64_t likely_start(std::uint64_t last) const { return std::min(signed_ ? sign_bit : 0, last); }

private:
    static constexpr std::uint64_t sign_bit = std::uint64_t{1} << 63U;
    bool signed_;
};

}  // namespace rowmill::table
