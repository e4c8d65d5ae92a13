#include "process/printable.hpp"

#include "item/utf8.hpp"

namespace rowmill::process {
namespace {

constexpr std::string_view blanks = " \t\r\n\v\f";

bool is_control(char c) {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}

}  // namespace

std::string_view last_line(std::string_view text) {
    const std::size_t last = text.find_last_not_of(blanks);
    if (last == std::string_view::npos) return {};
    text = text.substr(0, last + 1);
    const std::size_t end_before = text.find_last_of("\r\n");
    if (end_before != std::string_view::npos) text.remove_prefix(end_before + 1);
    return text.substr(text.find_first_not_of(blanks));
}

std::string printable(std::string_view line, std::size_t limit) {
    std::string shown;
    while (!line.empty()) {
        const std::size_t length = utf8_character(line);
        if (shown.size() + (length == 0 ? 1 : length) > limit) return shown + "…";
        if (length == 0 || is_control(line[0]))
            shown += line[0] == '\t' ? ' ' : '?';
        else
            shown += line.substr(0, length);
        line.remove_prefix(length == 0 ? 1 : length);
    }
    return shown;
}

}  // namespace rowmill::process
