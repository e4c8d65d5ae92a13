#include "web/site.hpp"

#include "web/routes.hpp"

namespace rowmill::web {
namespace {

/// Nothing but what comes from here is run or loaded, and nothing of it by what stands in a page itself.
constexpr std::string_view content_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'";

bool has_header(const Response& response, std::string_view name) {
    for (const auto& [known, value] : response.headers)
        if (known == name) return true;
    return false;
}

Problem too_busy() {
    Problem problem{503, "Too much is being begun and changed here at the moment, and nothing came of this. Try again in a moment."};
    problem.headers.emplace_back("Retry-After", "5");
    return problem;
}

bool is_page(const Response& response) {
    for (const auto& [name, value] : response.headers)
        if (name == "Content-Type") return value.starts_with("text/html");
    return false;
}

}  // namespace

struct Site::Inside {
    Inside(run::Desk& desk, SiteOptions options) : guard{options.guard}, place{desk, guard, feeds, options.program} {
        add_page_routes(router, place);
        add_api_routes(router, place);
        add_watch_routes(router, place);
    }

    Response answer(const Request& request, Visitor& visitor) {
        try {
            if (auto refusal = guard.check(request, visitor)) {
                Problem problem{refusal->status, refusal->sentence};
                problem.headers = std::move(refusal->headers);
                throw problem;
            }
            if (request.is_one_too_many) throw too_busy();
            return router.answer(request, visitor);
        } catch (...) {
            return tell(request, visitor, current_problem());
        }
    }

    Response tell(const Request& request, const Visitor& visitor, const Problem& problem) const {
        if (request.path == "/api" || request.path.starts_with("/api/")) return json_problem(problem);
        Response response = is_for_people(request)
                                ? html(error_page(frame_of(place, visitor), problem.status(), problem.what()), problem.status())
                                : text(std::string{problem.what()} + "\n", problem.status());
        response.headers.insert(response.headers.end(), problem.headers.begin(), problem.headers.end());
        return response;
    }

    Guard guard;
    Feeds feeds;
    Place place;
    Router router;
};

Site::Site(run::Desk& desk, SiteOptions options) : inside_{std::make_unique<Inside>(desk, std::move(options))} {}

Site::~Site() = default;

Response Site::answer(const Request& request) {
    Visitor visitor;
    Response response = inside_->answer(request, visitor);
    auto& headers = response.headers;
    if (!visitor.new_cookie.empty() && is_page(response)) headers.emplace_back("Set-Cookie", visitor.new_cookie);
    if (!has_header(response, "Cache-Control")) headers.emplace_back("Cache-Control", "no-store");
    headers.emplace_back("Content-Security-Policy", content_policy);
    headers.emplace_back("X-Content-Type-Options", "nosniff");
    headers.emplace_back("X-Frame-Options", "DENY");
    headers.emplace_back("Referrer-Policy", "same-origin");  // with none at all a browser would not say the Origin of our own forms
    headers.emplace_back("Cross-Origin-Opener-Policy", "same-origin");
    headers.emplace_back("Cross-Origin-Resource-Policy", "same-origin");
    if (inside_->guard.is_secure()) headers.emplace_back("Strict-Transport-Security", "max-age=31536000");
    return response;
}

Effort effort_of(const Request& request) {
    const std::string& path = request.path;
    if (path == "/login" || path == "/logout" || path == "/favicon.ico" || path.starts_with("/assets/")) return Effort::none;
    if (is_read(request)) return Effort::look;
    const bool is_of_job = path.starts_with("/jobs/") || path.starts_with("/api/jobs/");
    return is_of_job || path.ends_with("/resume") || path.ends_with("/retry") ? Effort::begin : Effort::steer;
}

Effort Site::effort(const Request& request) { return inside_->guard.is_strange(request) ? Effort::none : effort_of(request); }

std::vector<std::pair<std::string, std::string>> Site::addresses() const {
    std::vector<std::pair<std::string, std::string>> addresses;
    for (const Router::Route& route : inside_->router.routes()) addresses.emplace_back(route.method, route.pattern);
    return addresses;
}

}  // namespace rowmill::web
