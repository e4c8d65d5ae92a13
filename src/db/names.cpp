#include "db/names.hpp"

#include <rowmill/error.hpp>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <numeric>
#include <optional>

namespace rowmill::db {
namespace {

std::size_t edits_between(std::string_view one, std::string_view other) {
    std::vector<std::size_t> row(other.size() + 1);
    std::iota(row.begin(), row.end(), std::size_t{0});
    for (std::size_t i = 0; i < one.size(); ++i) {
        std::size_t diagonal = row[0];
        row[0] = i + 1;
        for (std::size_t j = 0; j < other.size(); ++j) {
            const std::size_t replaced = diagonal + (one[i] == other[j] ? 0 : 1);
            diagonal = row[j + 1];
            row[j + 1] = std::min({replaced, row[j] + 1, diagonal + 1});
        }
    }
    return row.back();
}

std::optional<unsigned> whole_number(std::string_view text) {
    unsigned number = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), number);
    if (read.ec != std::errc{} || read.ptr != text.data() + text.size()) return {};
    return number;
}

Error misread(std::string_view where, std::string_view text, std::string_view wanted) {
    return Error{ErrorKind::usage,
                 std::string{where} + ": \"" + std::string{text} + "\" is not " + std::string{wanted}};
}

}  // namespace

SslMode parse_ssl_mode(std::string_view text, std::string_view where) {
    std::string name{text};
    for (char& c : name) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        if (c == '-') c = '_';
    }
    constexpr std::array<std::string_view, 5> modes = {"disabled", "preferred", "required", "verify_ca",
                                                       "verify_identity"};
    const auto* found = std::find(modes.begin(), modes.end(), name);
    if (found == modes.end()) throw misread(where, text, "disabled, preferred, required, verify_ca or verify_identity");
    return static_cast<SslMode>(found - modes.begin());
}

unsigned parse_port(std::string_view text, std::string_view where) {
    const auto port = whole_number(text);
    // The text is not repeated: with a password that was not encoded, it may be part of it.
    if (!port || *port == 0 || *port > 65535) {
        throw Error{ErrorKind::usage, std::string{where} + ": the port is not a number from 1 to 65535"};
    }
    return *port;
}

std::chrono::milliseconds parse_seconds(std::string_view text, std::string_view where) {
    const auto seconds = whole_number(text);
    if (!seconds || *seconds == 0 || *seconds > 86400)
        throw misread(where, text, "a number of seconds from 1 to 86400");
    return std::chrono::seconds{*seconds};
}

std::string suggestion(std::string_view word, const std::vector<std::string>& known) {
    const auto nearest = std::min_element(known.begin(), known.end(), [&](const auto& a, const auto& b) {
        return edits_between(word, a) < edits_between(word, b);
    });
    if (nearest != known.end() && edits_between(word, *nearest) <= std::max<std::size_t>(1, nearest->size() / 3)) {
        return ", did you mean \"" + *nearest + "\"?";
    }
    std::string list;
    for (const auto& name : known) list += (list.empty() ? "" : ", ") + name;
    return "; known are " + list;
}

}  // namespace rowmill::db
