#include "web/embedded.hpp"
#include "web/pages.hpp"

#include <algorithm>

namespace rowmill::web {
namespace {

std::string_view type_of(std::string_view name) {
    if (name.ends_with(".css")) return "text/css; charset=utf-8";
    if (name.ends_with(".js")) return "text/javascript; charset=utf-8";
    return "image/svg+xml";
}

}  // namespace

std::optional<Asset> find_asset(std::string_view name) {
    const auto files = assets();
    const auto found = std::ranges::find(files, name, &File::name);
    return found == files.end() ? std::nullopt : std::optional{Asset{found->name, type_of(found->name), found->text}};
}

}  // namespace rowmill::web
