#pragma once

#include "table/condition.hpp"

#include <string>
#include <vector>

namespace rowmill::table {

/// Whether two values of this column whose bytes differ are always different keys to the server. Not so for text: a
/// collation may find 'a' and 'A' equal, or 'a' and 'a '.
bool bytes_tell_keys_apart(const ColumnDescription& column);

/// A bound that is part of its range on the side where ranges leave theirs out. It stands for "just before this key"
/// and is written as the key with a NULL behind it: no key column holds NULL. Whole or leading columns.
Key including(Key key);
bool includes_itself(const KeySpec& key, const Key& bound);

/// Whether a key of one integer column lies beyond another in reading order. No other keys are compared here.
bool lies_beyond(const Key& key, const Key& limit, bool descending);

/// True for two integers between which, in reading order, there is no other.
bool are_adjacent(ValueView after, ValueView upto, bool descending);

/// " < " becomes " <= ".
std::string or_equal(std::string comparison);

/// A bound as SQL literals beside the key's columns; empty for no bound.
class KeyLiterals {
public:
    KeyLiterals(const KeySpec& key, const Key& bound, const Quote& quote);

    explicit operator bool() const { return !literals_.empty(); }
    /// `column` = literal
    std::string compare(std::size_t column, const std::string& comparison) const;
    /// From this column on, the key is the bound or lies before it (`before`: " < " or " > "). In parentheses.
    std::string not_beyond(std::size_t column, const std::string& before) const;

private:
    std::vector<std::string> columns_, literals_;
};

}  // namespace rowmill::table
