#include "item/ascii.hpp"

#include <rowmill/error.hpp>
#include <rowmill/item.hpp>

namespace rowmill {

std::optional<std::size_t> Shape::find(std::string_view name) const {
    for (std::size_t i = 0; i < columns.size(); ++i) {
        if (is_same_name(columns[i].name, name)) return i;
    }
    return std::nullopt;
}

ValueView Item::operator[](std::string_view column) const {
    if (const auto position = shape().find(column)) return at(*position);
    std::string known;
    for (const Column& candidate : shape().columns) known += (known.empty() ? "" : ", ") + candidate.name;
    throw Error{ErrorKind::usage, "the item has no column '" + std::string{column} + "'; it has " + known +
                                      ". Name it in the source's columns"};
}

Key Item::key() const {
    Key key;
    key.reserve(shape().key_columns);
    for (std::size_t i = 0; i < shape().key_columns; ++i) key.emplace_back(at(i));
    return key;
}

Items Items::slice(std::size_t first, std::size_t count) const {
    if (first > count_ || count > count_ - first) {
        throw Error{ErrorKind::internal, "a slice of " + std::to_string(count) + " items from " +
                                             std::to_string(first) + " was asked of " + std::to_string(count_)};
    }
    Items part;
    part.block_ = block_;
    part.first_ = first_ + first;
    part.count_ = count;
    return part;
}

}  // namespace rowmill
