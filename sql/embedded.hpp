#pragma once

#include <span>
#include <string_view>

namespace rowmill::sql {

/// A file of this folder as it was when the binary was built.
struct File {
    std::string_view name;  ///< without folder and extension: "0001-run-store"
    std::string_view text;
};

/// In the order of their numbers.
std::span<const File> migrations();
std::span<const File> statements();

}  // namespace rowmill::sql
