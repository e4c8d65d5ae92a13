#pragma once

#include <span>
#include <string_view>

namespace rowmill::web {

/// A file of src/web/assets as it was when the binary was built.
struct File {
    std::string_view name;  ///< "style.css"
    std::string_view text;
};
std::span<const File> assets();

}  // namespace rowmill::web
