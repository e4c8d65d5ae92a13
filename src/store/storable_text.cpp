#include "store/storable_text.hpp"

#include "item/utf8.hpp"

namespace rowmill::store {
namespace {

constexpr std::string_view replacement = "\xEF\xBF\xBD";
constexpr std::string_view ellipsis = "\xE2\x80\xA6";
constexpr std::size_t longest_reason = 4096;
constexpr std::size_t longest_item = 16384;
constexpr std::size_t longest_class = 190;

}  // namespace

std::string storable_text(std::string_view text, std::size_t most) {
    std::string stored;
    std::size_t fits = 0;  // where the text would be cut, so that the ellipsis has room
    while (!text.empty()) {
        const std::size_t length = utf8_character(text);
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
