#include "web/target.hpp"

#include "http/percent.hpp"
#include "item/utf8.hpp"

#include <algorithm>

namespace rowmill::web {
namespace {

int hex_digit(char c) {
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/// The byte that an escape at this place stands for; -1: there is none.
int escaped_byte(std::string_view text, std::size_t at) {
    if (text[at] != '%' || at + 2 >= text.size()) return -1;
    const int high = hex_digit(text[at + 1]), low = hex_digit(text[at + 2]);
    return high < 0 || low < 0 ? -1 : high * 16 + low;
}

bool is_control(char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 0x20 || byte == 0x7F;
}

/// Absent: an escape is broken, or stands for what would give the path another shape.
std::optional<std::string> decoded_path(std::string_view text) {
    std::string path;
    for (std::size_t at = 0; at < text.size(); ++at) {
        if (text[at] != '%') {
            path += text[at];
            continue;
        }
        const int byte = escaped_byte(text, at);
        if (byte < 0 || byte == '/') return std::nullopt;
        path += static_cast<char>(byte);
        at += 2;
    }
    return path;
}

bool is_sound(std::string_view path) {
    if (!path.starts_with('/') || !is_utf8(path) || std::ranges::any_of(path, is_control) || path.find('\\') != std::string_view::npos) {
        return false;
    }
    for (std::size_t at = 1; at < path.size();) {
        const std::size_t end = std::min(path.find('/', at), path.size());
        const std::string_view part = path.substr(at, end - at);
        if (part.empty() || part == "." || part == "..") return false;
        at = end + 1;
    }
    return true;
}

std::string decoded_form_text(std::string_view text) {
    std::string decoded;
    for (std::size_t at = 0; at < text.size(); ++at) {
        const int byte = escaped_byte(text, at);
        if (byte >= 0) at += 2;
        decoded += byte >= 0 ? static_cast<char>(byte) : text[at] == '+' ? ' ' : text[at];
    }
    return decoded;
}

}  // namespace

std::optional<Target> read_target(std::string_view text) {
    const std::size_t question = std::min(text.find('?'), text.size());
    std::optional<std::string> path = decoded_path(text.substr(0, question));
    if (!path || !is_sound(*path)) return std::nullopt;
    Target target{*std::move(path), {}};
    if (question == text.size()) return target;
    for (auto& [name, value] : read_form(text.substr(question + 1))) target.query[name] = value;
    return target;
}

std::map<std::string, std::string, std::less<>> read_form(std::string_view text) {
    std::map<std::string, std::string, std::less<>> form;
    while (!text.empty()) {
        const std::string_view pair = text.substr(0, text.find('&'));
        text.remove_prefix(std::min(pair.size() + 1, text.size()));
        if (pair.empty()) continue;
        const std::size_t equals = std::min(pair.find('='), pair.size());
        form[decoded_form_text(pair.substr(0, equals))] = decoded_form_text(pair.substr(std::min(equals + 1, pair.size())));
    }
    return form;
}

std::string encoded_path(std::string_view path) {
    std::string encoded;
    while (!path.empty()) {
        const std::size_t slash = std::min(path.find('/'), path.size());
        encoded += http::percent_encoded(path.substr(0, slash));
        if (slash < path.size()) encoded += '/';
        path.remove_prefix(std::min(slash + 1, path.size()));
    }
    return encoded;
}

}  // namespace rowmill::web
