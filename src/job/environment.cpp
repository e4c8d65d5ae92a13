#include "job/environment.hpp"

#include <rowmill/error.hpp>

#include <cerrno>
#include <cstdlib>
#include <fstream>
#include <system_error>

namespace rowmill::job {

namespace {

[[noreturn]] void refuse(std::string_view where, const std::string& what) {
    throw Error{ErrorKind::usage, std::string{where} + " " + what};
}

std::string first_line(const std::string& path, std::string_view where) {
    std::ifstream file{path, std::ios::binary};
    const int reason = errno;
    std::string line;
    if (file && !std::getline(file, line))
        refuse(where, "takes the first line of the file " + path + ", which has none");
    if (!file)
        refuse(where, "takes the first line of the file " + path + ": " + std::generic_category().message(reason));
    if (line.ends_with('\r')) line.pop_back();
    return line;
}

}  // namespace

std::string look_up(const std::string& name, std::string_view where) {
    constexpr std::string_view of_file = "file:";
    if (name.starts_with(of_file)) return first_line(name.substr(of_file.size()), where);
    const char* const value = name.empty() ? nullptr : std::getenv(name.c_str());  // NOLINT: read before threads start
    if (value == nullptr) refuse(where, "takes ${" + name + "} from the environment, where it is not set");
    return value;
}

std::string substitute_names(std::string_view text, std::string_view where,
                             const std::function<std::string(const std::string& name)>& substitute) {
    std::string substituted;
    while (!text.empty()) {
        const std::size_t begin = text.find("${");
        substituted += text.substr(0, begin);
        if (begin == std::string_view::npos) break;
        if (begin > 0 && text[begin - 1] == '$') {
            substituted += '{';
            text.remove_prefix(begin + 2);
            continue;
        }
        const std::size_t end = text.find('}', begin);
        if (end == std::string_view::npos) refuse(where, "has a ${ without its }");
        substituted += substitute(std::string{text.substr(begin + 2, end - begin - 2)});
        text.remove_prefix(end + 1);
    }
    return substituted;
}

std::string expand_environment(std::string_view text, std::string_view where) {
    return substitute_names(text, where, [where](const std::string& name) { return look_up(name, where); });
}

}  // namespace rowmill::job
