#pragma once

#include "http/percent.hpp"
#include "web/site.hpp"

#include <map>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::test {

/// A browser on a site, without what lies between: keeps cookies, and sends forms as one of the site's own pages does.
class SiteVisitor {
public:
    using Headers = std::vector<std::pair<std::string, std::string>>;
    using Fields = std::vector<std::pair<std::string, std::string>>;

    explicit SiteVisitor(web::Site& site) : site_{site} {}

    web::Response get(const std::string& path, Headers headers = {}, std::map<std::string, std::string> query = {}) {
        web::Request request = asking("GET", path, std::move(headers));
        request.query = std::move(query);
        return send(request);
    }
    /// With the value that the forms of its pages have.
    web::Response post(const std::string& path, const Fields& fields = {}) {
        web::Request request = asking("POST", path, {{"content-type", "application/x-www-form-urlencoded"}, {"origin", "http://127.0.0.1:8080"}});
        request.body = "csrf=" + csrf();
        for (const auto& [name, value] : fields) request.body += "&" + http::percent_encoded(name) + "=" + http::percent_encoded(value);
        return send(request);
    }
    web::Response post_json(const std::string& path, const std::string& body = "{}") {
        web::Request request = asking("POST", path, {{"content-type", "application/json"}, {"origin", "http://127.0.0.1:8080"}});
        request.body = body;
        return send(request);
    }
    web::Response send(web::Request request) {
        std::string cookies;
        for (const auto& [name, value] : cookies_) cookies += (cookies.empty() ? "" : "; ") + name + "=" + value;
        if (!cookies.empty()) request.headers.emplace_back("cookie", cookies);
        web::Response response = site_.answer(request);
        for (const auto& [name, value] : response.headers)
            if (name == "Set-Cookie") keep(value);
        return response;
    }
    static web::Request asking(std::string method, std::string path, Headers headers = {}) {
        web::Request request;
        request.method = std::move(method);
        request.path = std::move(path);
        request.headers = std::move(headers);
        request.headers.emplace_back("host", "127.0.0.1:8080");
        request.peer = request.local = "127.0.0.1";
        return request;
    }
    /// As the forms of its pages have it, read from one of them once.
    const std::string& csrf() {
        if (!csrf_.empty()) return csrf_;
        const std::string page = send(asking("GET", "/jobs/nightly")).body;
        const std::size_t at = page.find("name=\"csrf\" value=\"");
        if (at != std::string::npos) csrf_ = page.substr(at + 19, page.find('"', at + 19) - at - 19);
        return csrf_;
    }

private:
    void keep(const std::string& set) {
        const std::size_t equals = set.find('=');
        const std::string value = set.substr(equals + 1, set.find(';') - equals - 1);
        cookies_.erase(set.substr(0, equals));
        if (!value.empty()) cookies_[set.substr(0, equals)] = value;
    }

    web::Site& site_;
    std::map<std::string, std::string> cookies_;
    std::string csrf_;
};

/// The first of this name; empty: none.
inline std::string header(const web::Response& response, const std::string& name) {
    for (const auto& [known, value] : response.headers)
        if (known == name) return value;
    return {};
}

}  // namespace rowmill::test
