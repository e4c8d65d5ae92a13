#pragma once

#include "action/outside.hpp"

#include <string>
#include <vector>

namespace rowmill::action {

/// Keeps secrets out of what is logged and stored: what ${…} stood for in the action, and the values of secret
/// parameters. Immutable; thread-safe.
class Masking {
public:
    explicit Masking(const Outside& outside);

    std::string operator()(const std::string& text) const;

private:
    std::vector<std::string> secrets_;  ///< the longest first: one may be the beginning of another
};

}  // namespace rowmill::action
