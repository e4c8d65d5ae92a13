#pragma once

#include "action/outside.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::action {

/// Keeps secrets out of what is logged and stored: what ${…} stood for in the action, and the values of secret
/// parameters, also as they stand in a URL or in JSON, and a line of those that have several. It is for the whole of a
/// text: once that is cut, half of a secret is not known as one. Immutable; thread-safe.
class Masking {
public:
    explicit Masking(const Outside& outside);

    std::string operator()(const std::string& text) const;
    /// Of a text that lost its beginning or its end: without what may be the rest of a secret there.
    std::string without_beginning(std::string_view text) const;
    std::string without_end(std::string_view text) const;

private:
    void add(const std::string& secret);
    std::size_t longest_part() const;

    std::vector<std::string> secrets_;  ///< the longest first: one may be the beginning of another
};

}  // namespace rowmill::action
