#include "db/packet.hpp"

#include <algorithm>

namespace rowmill::db {
namespace {

constexpr std::string_view between = "\n;\n";

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v';
}

/// Where the first word starts: blanks and comments before it are passed over.
std::string_view from_first_word(std::string_view text) {
    for (;;) {
        while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
        std::size_t end = std::string_view::npos;
        if (text.starts_with("/*") && !text.starts_with("/*!"))
            end = text.find("*/");
        else if (text.starts_with("#") || text.starts_with("-- "))
            end = text.find('\n');
        else
            return text;
        if (end == std::string_view::npos) return {};
        text.remove_prefix(text[end] == '*' ? end + 2 : end + 1);
    }
}

}  // namespace

std::string_view trimmed(std::string_view statement) {
    while (!statement.empty() && (is_blank(statement.back()) || statement.back() == ';')) statement.remove_suffix(1);
    return statement;
}

std::vector<Window> windows_of(std::span<const std::string_view> statements, std::size_t most, std::size_t bytes) {
    std::vector<Window> windows;
    std::size_t filled = 0;
    for (std::size_t i = 0; i < statements.size(); ++i) {
        const std::size_t size = statements[i].size() + between.size();
        const bool fits = !windows.empty() && windows.back().count < most && filled + size <= bytes;
        if (!fits) {
            windows.push_back({i, 0});
            filled = 0;
        }
        ++windows.back().count;
        filled += size;
    }
    return windows;
}

std::string join(std::span<const std::string_view> statements) {
    std::size_t size = 0;
    for (const auto statement : statements) size += statement.size() + between.size();
    std::string text;
    text.reserve(size);
    for (const auto statement : statements) {
        if (!text.empty()) text += between;
        text += trimmed(statement);
    }
    return text;
}

bool is_call(std::string_view statement) {
    constexpr std::string_view call = "CALL";
    const std::string_view text = from_first_word(statement);
    if (text.size() <= call.size()) return false;
    const bool same = std::equal(call.begin(), call.end(), text.begin(),
                                 [](char wanted, char c) { return c == wanted || c == wanted + ('a' - 'A'); });
    const char next = text[call.size()];
    return same && (is_blank(next) || next == '`' || next == '/');
}

}  // namespace rowmill::db
