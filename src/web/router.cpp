#include "web/router.hpp"

#include "web/problem.hpp"

#include <algorithm>
#include <charconv>

namespace rowmill::web {
namespace {

/// Takes the first part off a path that begins with "/".
std::string_view take_part(std::string_view& path) {
    path.remove_prefix(1);
    const std::string_view part = path.substr(0, path.find('/'));
    path.remove_prefix(part.size());
    return part;
}

bool is_number(std::string_view text, store::RunId& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    return error == std::errc{} && end == text.data() + text.size();
}

bool matches(std::string_view pattern, std::string_view path, Call& call) {
    while (!pattern.empty() && !path.empty()) {
        const std::string_view wanted = take_part(pattern), part = take_part(path);
        if (wanted == "{name}") {
            if (part.empty()) return false;
            call.name = std::string{part};
        } else if (wanted == "{run}") {
            if (!is_number(part, call.run)) return false;
        } else if (wanted != part) {
            return false;
        }
    }
    return pattern.empty() && path.empty();
}

}  // namespace

void Router::add(std::string method, std::string pattern, Answer answer) {
    routes_.push_back({std::move(method), std::move(pattern), std::move(answer)});
}

Response Router::answer(const Request& request, const Visitor& visitor) const {
    const std::string method = request.method == "HEAD" ? "GET" : request.method;
    std::string allowed;
    for (const Route& route : routes_) {
        Call call{.request = request, .visitor = visitor};
        if (!matches(route.pattern, request.path, call)) continue;
        if (route.method == method) return route.answer(call);
        allowed += (allowed.empty() ? "" : ", ") + (route.method == "GET" ? "GET, HEAD" : route.method);
    }
    if (allowed.empty()) throw Problem{404, "There is nothing at this address."};
    Problem problem{405, "This address takes " + allowed + " only."};
    problem.headers.emplace_back("Allow", allowed);
    throw problem;
}

}  // namespace rowmill::web
