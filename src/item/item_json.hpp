#pragma once

#include <rowmill/item.hpp>

#include <string>

namespace rowmill {

/// The row as a JSON object, by column: integers as numbers, NULL as null, everything else as text, and bytes that are no UTF-8 in
/// base64.
std::string to_json(const Item& item);

}  // namespace rowmill
