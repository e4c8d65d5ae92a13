#include "item/value_text.hpp"

namespace rowmill {

bool fits(ValueType type, std::string_view text) {
    switch (type) {
        case ValueType::null:
            return text.empty();
        case ValueType::integer:
        case ValueType::unsigned_integer: {
            const std::string_view digits = text.starts_with('-') ? text.substr(1) : text;
            return !digits.empty() && digits.find_first_not_of("0123456789") == std::string_view::npos;
        }
        case ValueType::decimal:
        case ValueType::number:
            return text.find_first_of("0123456789") != std::string_view::npos &&
                   text.find_first_not_of("0123456789+-.eE") == std::string_view::npos;
        default:
            return true;
    }
}

}  // namespace rowmill
