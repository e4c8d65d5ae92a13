#pragma once

#include <rowmill/error.hpp>

#include <string>
#include <vector>

namespace rowmill::action {

/// The error without the values of secret parameters: its statement, in which they may stand escaped or cut short, is
/// left out, and where the server repeats one in its message, it is masked. Pure.
Error without_secrets(const Error& error, const std::vector<std::string>& secrets);

}  // namespace rowmill::action
