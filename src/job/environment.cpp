#include "job/environment.hpp"

#include <rowmill/error.hpp>

#include <cstdlib>

namespace rowmill::job {

std::string expand_environment(std::string_view text, std::string_view where) {
    const auto refuse = [where](const std::string& what) {
        throw Error{ErrorKind::usage, std::string{where} + " " + what};
    };
    std::string expanded;
    while (!text.empty()) {
        const std::size_t begin = text.find("${");
        expanded += text.substr(0, begin);
        if (begin == std::string_view::npos) break;
        const std::size_t end = text.find('}', begin);
        if (end == std::string_view::npos) refuse("has a ${ without its }");
        const std::string name{text.substr(begin + 2, end - begin - 2)};
        const char* const value =
            name.empty() ? nullptr : std::getenv(name.c_str());  // NOLINT: read before threads start
        if (value == nullptr) refuse("takes ${" + name + "} from the environment, where it is not set");
        expanded += value;
        text.remove_prefix(end + 1);
    }
    return expanded;
}

}  // namespace rowmill::job
