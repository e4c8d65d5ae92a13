#pragma once

#include <rowmill/error.hpp>

#include <string>
#include <vector>

namespace rowmill::action {

/// The error without the values of secret parameters: its statement, in which they may stand escaped or cut short, is
/// left out, and where the server repeats one in its message, it is masked. Pure.
Error without_secrets(const Error& error, const std::vector<std::string>& secrets);
/// The same of a text, which may hold zero bytes.
std::string without_secrets(std::string text, const std::vector<std::string>& secrets);

}  // namespace rowmill::action
