#include "store/storable_text.hpp"

#include <cstdint>

namespace rowmill::store {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr std::size_t longest_reason = 4096;
constexpr std::size_t longest_item = 16384;
constexpr std::size_t longest_class = 190;

std::uint8_t byte_at(std::string_view text, std::size_t i) {
    return static_cast<std::uint8_t>(text[i]);
}

/// How many bytes the character at the beginning has; 0 where it is not UTF-8 (overlong forms and surrogates too).
std::size_t character_length(std::string_view text) {
    const std::uint8_t lead = byte_at(text, 0);
    if (lead < 0x80) return 1;
    const std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
    if (lead < 0xC2 || lead > 0xF4 || text.size() < length) return 0;
    for (std::size_t i = 1; i < length; ++i) {
        if ((byte_at(text, i) & 0xC0) != 0x80) return 0;
    }
    const std::uint8_t second = byte_at(text, 1);
    const bool overlong = (lead == 0xE0 && second < 0xA0) || (lead == 0xF0 && second < 0x90);
    const bool beyond = (lead == 0xED && second > 0x9F) || (lead == 0xF4 && second > 0x8F);
    return overlong || beyond ? 0 : length;
}

}  // namespace

std::string storable_text(std::string_view text, std::size_t most) {
    std::string stored;
    std::size_t fits = 0;  // where the text would be cut, so that the ellipsis has room
    while (!text.empty()) {
        const std::size_t length = character_length(text);
        stored += length == 0 ? replacement : text.substr(0, length);
        if (stored.size() > most) {
            stored.resize(fits);
            return stored.append(ellipsis);
        }
        if (stored.size() + ellipsis.size() <= most) fits = stored.size();
        text.remove_prefix(length == 0 ? 1 : length);
    }
    return stored;
}

std::string storable_item(std::string_view json) {
    return storable_text(json, longest_item);
}

std::string storable_reason(std::string_view reason) {
    return storable_text(reason, longest_reason);
}

std::string storable_class(std::string_view error_class) {
    return storable_text(error_class, longest_class);
}

}  // namespace rowmill::store
