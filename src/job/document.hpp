#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::job {

/// A value as somebody wrote it, in a job file or as a flag, and where. What it should have been is for its reader
/// to say.
struct Node {
    enum class Kind : std::uint8_t { text, integer, number, boolean, date, list, table };

    Kind kind = Kind::text;
    std::string text;  ///< a scalar's text, whatever its kind
    std::int64_t integer = 0;
    double number = 0;
    bool boolean = false;
    std::vector<Node> items;  ///< of a list; of a table, its values in the order of their keys
    std::string key;          ///< where it is a value of a table
    std::string place;        ///< of the value: "job.toml:3:9", or "--batch"
    std::string key_place;    ///< of its key
    bool from_flag = false;   ///< a flag's text stands for any scalar

    /// The value of a table's key; none where the key is not there.
    const Node* find(std::string_view wanted) const;
    /// What it is, for people: "the text 'abc'", "5", "a list".
    std::string description() const;
};

/// A text that a flag gave.
Node flag(std::string_view name, std::string_view text);

/// The TOML document as a table. `path` only names it. Throws Error{usage} with line and column.
Node parse_document(std::string_view toml, const std::string& path);

}  // namespace rowmill::job
