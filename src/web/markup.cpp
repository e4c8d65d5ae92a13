#include "web/markup.hpp"

#include "item/utf8.hpp"

namespace rowmill::web {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";

/// C0 but for tab and line breaks, DEL, C1, and what turns the direction of a text: a reason must not make its page read differently.
bool is_control(std::string_view character) {
    const auto first = static_cast<unsigned char>(character[0]);
    if (character.size() == 1) return (first < 0x20 && first != '\t' && first != '\n' && first != '\r') || first == 0x7F;
    const auto second = static_cast<unsigned char>(character[1]);
    if (character.size() == 2) return first == 0xC2 && second < 0xA0;
    const auto third = static_cast<unsigned char>(character[2]);
    return first == 0xE2 && ((second == 0x80 && third >= 0xAA && third <= 0xAE) || (second == 0x81 && third >= 0xA6 && third <= 0xA9));
}

std::string_view entity_of(char character) {
    switch (character) {
        case '&':
            return "&amp;";
        case '<':
            return "&lt;";
        case '>':
            return "&gt;";
        case '"':
            return "&quot;";
        case '\'':
            return "&#39;";
        default:
            return {};
    }
}

}  // namespace

std::string escaped(std::string_view text) {
    std::string safe;
    safe.reserve(text.size() + text.size() / 8);
    while (!text.empty()) {
        const std::size_t size = utf8_character(text);
        const std::string_view character = text.substr(0, size == 0 ? 1 : size);
        text.remove_prefix(character.size());
        const std::string_view entity = entity_of(character[0]);
        safe += size == 0 || is_control(character) ? replacement : entity.empty() ? character : entity;
    }
    return safe;
}

std::string path_part(std::string_view text) {
    std::string part;
    for (const char character : text) {
        const bool is_plain = (character >= 'a' && character <= 'z') || (character >= 'A' && character <= 'Z') ||
                              (character >= '0' && character <= '9') || character == '-' || character == '_' || character == '.';
        if (is_plain) {
            part += character;
        } else {
            part += fmt::format("%{:02X}", static_cast<unsigned char>(character));
        }
    }
    return part;
}

}  // namespace rowmill::web
