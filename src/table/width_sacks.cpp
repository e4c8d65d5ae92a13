#include "table/sacks.hpp"

#include <algorithm>

namespace rowmill::table {
namespace {

/// An integer key counted from the lowest that its type has, so that differences fit into 64 bits without a sign.
class Offsets {
public:
    explicit Offsets(ValueType type) : signed_{type == ValueType::integer} {}

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

/// width × part ÷ parts, rounded down, without overflow for fewer than 2³² parts.
std::uint64_t share(std::uint64_t width, std::uint64_t part, std::uint64_t parts) {
    return width / parts * part + width % parts * part / parts;
}

}  // namespace

std::vector<PlannedSack> width_sacks(const KeySpec& key, const Bounds& bounds, std::uint64_t count, bool descending) {
    if (!key.is_single_integer()) {
        throw Error{ErrorKind::refused, "sacks of equal width need a key of one integer column; index " + key.index +
                                            " is none: use sacks = \"rows\""};
    }
    if (bounds.empty) return {};
    const Offsets offsets{key.columns[0].type};
    const std::uint64_t last = offsets.of(bounds.upto.front());
    const Key& start = bounds.first.empty() ? bounds.after : bounds.first;
    const std::uint64_t first = start.empty() ? offsets.likely_start(last) : offsets.of(start.front());
    const std::uint64_t width = descending ? first - last : last - first;
    const std::uint64_t parts = std::clamp<std::uint64_t>(count, 1, 1'000'000);
    std::vector<PlannedSack> sacks;
    Key after = bounds.after;
    for (std::uint64_t part = 1; part <= parts; ++part) {
        const std::uint64_t step = share(width, part, parts);
        Key upto{offsets.value(descending ? first - step : first + step)};
        if (part == parts) upto = bounds.upto;
        const bool holds_keys = sacks.empty() || upto != after;
        if (!holds_keys) continue;
        sacks.push_back({after, upto, 0, false});
        after = std::move(upto);
    }
    return sacks;
}

}  // namespace rowmill::table
