#include "item/item_json.hpp"

#include "item/utf8.hpp"

#include <boost/json.hpp>

namespace rowmill {
namespace {

namespace json = boost::json;

std::string base64(std::string_view bytes) {
    constexpr std::string_view digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    text.reserve((bytes.size() + 2) / 3 * 4);
    for (std::size_t at = 0; at < bytes.size(); at += 3) {
        const auto byte = [&](std::size_t index) {
            return index < bytes.size() ? static_cast<std::uint32_t>(static_cast<unsigned char>(bytes[index])) : 0U;
        };
        const std::uint32_t group = byte(at) << 16 | byte(at + 1) << 8 | byte(at + 2);
        text += digits[group >> 18];
        text += digits[group >> 12 & 63];
        text += at + 1 < bytes.size() ? digits[group >> 6 & 63] : '=';
        text += at + 2 < bytes.size() ? digits[group & 63] : '=';
    }
    return text;
}

void append_string(std::string& object, std::string_view text) {
    object += json::serialize(json::string_view{text.data(), text.size()});
}

void append_value(std::string& object, ValueView value) {
    switch (value.type()) {
        case ValueType::null:
            object += "null";
            return;
        case ValueType::integer:
        case ValueType::unsigned_integer:
            object += value.text();
            return;
        default:
            break;
    }
    if (is_utf8(value.text())) return append_string(object, value.text());
    append_string(object, base64(value.text()));
}

}  // namespace

std::string to_json(const Item& item) {
    std::string object = "{";
    const auto& columns = item.shape().columns;
    for (std::size_t column = 0; column < columns.size(); ++column) {
        if (column > 0) object += ',';
        append_string(object, columns[column].name);
        object += ':';
        append_value(object, item.at(column));
    }
    return object + "}";
}

}  // namespace rowmill
