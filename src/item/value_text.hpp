#pragma once

#include <rowmill/value.hpp>

#include <string_view>

namespace rowmill {

/// Whether the text may be a value of this type. Numbers are written into SQL without quotes, so what is read back as
/// one must look like one.
bool fits(ValueType type, std::string_view text);

}  // namespace rowmill
