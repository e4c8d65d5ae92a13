#include "../../support/fake_desk.hpp"
#include "../../support/visitor.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

using namespace rowmill;
using test::FakeDesk;
using test::header;
using test::SiteVisitor;

namespace {

struct Shown {
    FakeDesk desk;
    web::Site site;
    SiteVisitor visitor{site};

    explicit Shown(web::GuardOptions guard = {}) : site{desk, {.guard = std::move(guard)}} {}
};

bool has(const web::Response& response, std::string_view text) {
    return response.body.find(text) != std::string::npos;
}

boost::json::object json_of(const web::Response& response) {
    CHECK(header(response, "Content-Type") == "application/json");
    return boost::json::parse(response.body).as_object();
}

using Asked = std::vector<std::string>;

}  // namespace

TEST_CASE("every answer says what a browser may do with it, whatever it is") {
    Shown shown;
    for (const char* path : {"/", "/jobs/import", "/runs/1", "/runs/99", "/api/runs", "/api/nothing", "/metrics", "/healthz", "/assets/style.css",
                             "/runs/2/progress", "/login"}) {
        CAPTURE(path);
        const web::Response response = shown.visitor.get(path);
        CHECK(header(response, "Content-Security-Policy").starts_with("default-src 'none'; script-src 'self';"));
        CHECK(header(response, "Content-Security-Policy").find("unsafe") == std::string::npos);
        CHECK(header(response, "X-Content-Type-Options") == "nosniff");
        CHECK(header(response, "X-Frame-Options") == "DENY");
        CHECK(header(response, "Referrer-Policy") == "same-origin");
        CHECK(header(response, "Cross-Origin-Resource-Policy") == "same-origin");
        CHECK(header(response, "Cache-Control") == (std::string_view{path}.starts_with("/assets") ? "no-cache" : "no-store"));
        CHECK(header(response, "Strict-Transport-Security").empty());
    }
    Shown encrypted{{.is_tls = true}};
    CHECK_FALSE(header(encrypted.visitor.get("/healthz"), "Strict-Transport-Security").empty());
}

TEST_CASE("whatever begins something may take its time, who steers a run does not wait for it, and what nobody has to be asked for takes none") {
    const Shown shown;
    for (const auto& [method, path] : shown.site.addresses()) {
        CAPTURE(path);
        const bool is_quick = path == "/login" || path == "/logout" || path == "/assets/{name}" || path == "/favicon.ico";
        const bool begins = path.find("jobs/") != std::string::npos || path.ends_with("/resume") || path.ends_with("/retry");
        const web::Effort slow = method != "POST" ? web::Effort::look : begins ? web::Effort::begin : web::Effort::steer;
        CHECK(web::effort_of(SiteVisitor::asking(method, path)) == (is_quick ? web::Effort::none : slow));
    }
    CHECK(web::effort_of(SiteVisitor::asking("HEAD", "/")) == web::Effort::look);
    CHECK(web::effort_of(SiteVisitor::asking("DELETE", "/runs/2")) == web::Effort::steer);
}

TEST_CASE("jobs and runs are shown, and what is not there is a 404 with a way back") {
    Shown shown;
    CHECK(has(shown.visitor.get("/"), "/jobs/import"));
    CHECK(has(shown.visitor.get("/jobs/import"), "publisher_id"));
    CHECK(has(shown.visitor.get("/runs/1"), "succeeded"));
    for (const char* path : {"/runs/99", "/jobs/none", "/nothing", "/runs/x", "/runs/-1", "/runs/1x", "/runs/99999999999999999999999", "/runs", "/assets/none"}) {
        CAPTURE(path);
        const web::Response response = shown.visitor.get(path);
        CHECK(response.status == 404);
        CHECK(has(response, "href=\"/\""));
    }
    CHECK(shown.visitor.get("/runs/99/progress").status == 404);
}

TEST_CASE("a method that an address does not take is a 405 that says which it takes") {
    Shown shown;
    const web::Response get = shown.visitor.get("/runs/2/pause");
    CHECK(get.status == 405);
    CHECK(header(get, "Allow") == "POST");
    const web::Response post = shown.visitor.post("/runs/2");
    CHECK(post.status == 405);
    CHECK(header(post, "Allow") == "GET, HEAD");
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("a form that was filled in starts a run, and leads to it") {
    Shown shown;
    const web::Response response = shown.visitor.post("/jobs/import", {{"publisher_id", "7"}, {"label", "a&b=ü"}, {"share", ""}});
    CHECK(response.status == 303);
    CHECK(header(response, "Location") == "/runs/7");
    CHECK(shown.desk.asked() == Asked{"start import label=a&b=ü publisher_id=7"});
}

TEST_CASE("a form with bad values comes back with them, and what is wrong with each") {
    Shown shown;
    const web::Response response = shown.visitor.post(
        "/jobs/import", {{"publisher_id", "5000"}, {"share", "much"}, {"since", "2024-02-30"}, {"mode", "odd"}, {"force", "perhaps"}});
    CHECK(response.status == 422);
    for (const char* text : {"5000", "1000 or less", "much", "2024-02-30", "true or false"}) {
        CAPTURE(text);
        CHECK(has(response, text));
    }
    CHECK(shown.visitor.post("/jobs/import", {{"publisher_id", ""}}).status == 422);
    CHECK(shown.visitor.post("/jobs/import", {{"publisher_id", "7"}, {"label", "\xff"}}).status == 422);
    CHECK(shown.visitor.post("/jobs/import", {{"publisher_id", "7"}, {"unknown", "1"}}).status == 422);
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("the plan button shows what a run would do, and starts none") {
    Shown shown;
    const web::Response response = shown.visitor.post("/jobs/import", {{"publisher_id", "7"}, {"plan-only", "1"}});
    CHECK(response.status == 200);
    CHECK(has(response, "UPDATE books SET seen = 1 WHERE id IN (1, 2)"));
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("what a run's buttons ask for is done, and told on its page, once") {
    Shown shown;
    const web::Response response = shown.visitor.post("/runs/2/pause");
    CHECK(response.status == 303);
    CHECK(header(response, "Location") == "/runs/2");
    CHECK(has(shown.visitor.get("/runs/2"), "run 2 was asked to pause"));
    CHECK_FALSE(has(shown.visitor.get("/runs/2"), "run 2 was asked to pause"));
    shown.visitor.post("/runs/2/cancel");
    shown.visitor.post("/runs/3/resume");
    CHECK(shown.desk.asked() == Asked{"pause 2", "cancel 2", "resume 3"});
}

TEST_CASE("of the settings on a page those are set that were changed") {
    Shown shown;
    shown.visitor.post("/runs/2/set", {{"concurrency", "16"}, {"rate", "250"}, {"max_lag", ""}});
    CHECK(shown.desk.asked() == Asked{"set 2 rate=250"});
    shown.visitor.post("/runs/2/set", {{"concurrency", "16"}, {"rate", "500"}, {"max_lag", ""}});
    CHECK(has(shown.visitor.get("/runs/2"), "Nothing was changed."));
    CHECK(shown.desk.asked().size() == 1);
}

TEST_CASE("what another visitor has set since a page was loaded is not put back by it") {
    Shown shown;
    shown.visitor.post("/runs/2/set", {{"rate", "250"}, {"shown-rate", "250"}, {"concurrency", "8"}, {"shown-concurrency", "16"}});
    CHECK(shown.desk.asked() == Asked{"set 2 concurrency=8"});
}

TEST_CASE("one dead letter, a class of them or all are retried") {
    Shown shown;
    shown.visitor.post("/runs/1/retry", {{"class", ""}, {"key", "300"}});
    shown.visitor.post("/runs/1/retry", {{"class", "timeout"}, {"key", ""}});
    shown.visitor.post("/runs/1/retry");
    CHECK(shown.desk.asked() == Asked{"retry 1 key 300", "retry 1 class=timeout", "retry 1"});
}

TEST_CASE("what can't be done with a run is told on its page") {
    Shown shown;
    shown.visitor.csrf();
    int calls = 0;
    shown.desk.fail_with([&calls] {
        if (++calls == 1) throw Error{ErrorKind::usage, "run 1 is over"};
    });
    const web::Response response = shown.visitor.post("/runs/1/pause");
    CHECK(response.status == 303);
    CHECK(has(shown.visitor.get("/runs/1"), "run 1 is over"));
    CHECK(shown.visitor.post("/runs/99/pause").status == 404);
}

TEST_CASE("the page of a run whose job has changed offers to accept that, once it stands in the way") {
    Shown shown;
    CHECK_FALSE(has(shown.visitor.get("/runs/3"), "accept_changes"));
    shown.visitor.csrf();
    int calls = 0;
    shown.desk.fail_with([&calls] {
        if (++calls == 1) throw run::JobChanged{"the statement has changed", "It can be accepted"};
    });
    CHECK(shown.visitor.post("/runs/3/resume").status == 303);
    const web::Response page = shown.visitor.get("/runs/3");
    CHECK(has(page, "the statement has changed"));
    CHECK(has(page, "name=\"accept_changes\""));
    CHECK_FALSE(has(shown.visitor.get("/runs/3"), "accept_changes"));
    shown.visitor.post("/runs/3/resume", {{"accept_changes", "1"}});
    CHECK(shown.desk.asked() == Asked{"resume with changes 3"});
}

TEST_CASE("dead letters are shown by class, a page of them at a time") {
    Shown shown;
    shown.desk.add_run(20, "nightly", "failed", 1000, 500, 120);
    const web::Response first = shown.visitor.get("/runs/20");
    CHECK(has(first, "after=20050"));
    CHECK_FALSE(has(shown.visitor.get("/runs/20", {}, {{"after", "20100"}}), "after=20"));
    CHECK(shown.visitor.get("/runs/20", {}, {{"after", "x"}, {"class", "none"}}).status == 200);
}

TEST_CASE("a page that needs the store says so while it can't be reached") {
    Shown shown;
    shown.desk.fail_with([] { throw Error{ErrorKind::unreachable, "the server 127.0.0.1:3306 is not reachable"}; });
    for (const char* path : {"/", "/runs/1", "/api/runs", "/metrics", "/healthz", "/runs/1/progress"}) {
        CAPTURE(path);
        const web::Response response = shown.visitor.get(path);
        CHECK(response.status == 503);
        CHECK(has(response, "not reachable"));
    }
}

TEST_CASE("who has no token is told that the store can't be reached, and not where it is") {
    Shown shown{{.token = "right"}};
    shown.desk.fail_with([] { throw Error{ErrorKind::unreachable, "the server 10.0.0.5:3306 is not reachable"}; });
    const web::Response response = shown.visitor.get("/healthz");
    CHECK(response.status == 503);
    CHECK(response.body == "The run store can't be reached.\n");
}

TEST_CASE("a fault of rowmill's own is not told to the outside") {
    Shown shown;
    shown.desk.fail_with([] { throw std::runtime_error{"the inside of it"}; });
    for (const char* path : {"/", "/api/runs", "/metrics"}) {
        const web::Response response = shown.visitor.get(path);
        CHECK(response.status == 500);
        CHECK_FALSE(has(response, "inside of it"));
    }
}

TEST_CASE("the API starts a run of what it is given") {
    Shown shown;
    const web::Response response = shown.visitor.post_json(
        "/api/jobs/import/runs", R"({"params": {"publisher_id": 7, "share": 0.25, "force": true, "label": "x", "since": null}})");
    CHECK(response.status == 201);
    CHECK(header(response, "Location") == "/api/runs/7");
    CHECK(json_of(response).at("run") == 7);
    CHECK(shown.desk.asked() == Asked{"start import force=true label=x publisher_id=7 share=0.25"});
}

TEST_CASE("the API names every parameter that won't do") {
    Shown shown;
    const web::Response response = shown.visitor.post_json("/api/jobs/import/runs", R"({"params": {"publisher_id": "x", "unknown": 1}})");
    CHECK(response.status == 422);
    const auto object = json_of(response);
    CHECK(object.at("params").as_object().contains("publisher_id"));
    CHECK(object.at("params").as_object().contains("unknown"));
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("the API refuses what is no JSON object") {
    Shown shown;
    for (const char* body : {"{", "[]", "7", "{\"params\": 7}", "{\"params\": {\"publisher_id\": []}}", "{\"params\": {\"label\": \"\xff\"}}", "{} {}"}) {
        CAPTURE(body);
        const web::Response response = shown.visitor.post_json("/api/jobs/import/runs", body);
        CHECK(response.status == 400);
        CHECK(json_of(response).contains("error"));
    }
    CHECK(shown.visitor.post_json("/api/runs/2/set", "{}").status == 400);
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("a run that others work on, or that is over, is a conflict") {
    Shown shown;
    shown.desk.fail_with([] { throw run::Busy{"run 2 is worked on by mill-1:4711"}; });
    CHECK(shown.visitor.post_json("/api/jobs/nightly/runs").status == 409);
    int calls = 0;
    shown.desk.fail_with([&calls] {
        if (++calls == 1) throw Error{ErrorKind::usage, "run 1 is over"};
    });
    CHECK(shown.visitor.post_json("/api/runs/1/pause").status == 409);
    CHECK(shown.visitor.post_json("/api/runs/99/pause").status == 404);
}

TEST_CASE("a server that is about to end begins nothing, and does not blame who asked for it") {
    Shown shown;
    shown.visitor.csrf();
    shown.desk.fail_with([] { throw Error{ErrorKind::stopped, "this process is about to end, and begins no run any more"}; });
    CHECK(shown.visitor.post_json("/api/jobs/nightly/runs").status == 503);
    CHECK(shown.visitor.post_json("/api/runs/3/resume").status == 503);
    CHECK(has(shown.visitor.post("/jobs/nightly"), "about to end"));
}

TEST_CASE("the API steers a run, and says what came of it") {
    Shown shown;
    CHECK(json_of(shown.visitor.post_json("/api/runs/2/pause")).at("message") == "run 2 was asked to pause");
    shown.visitor.post_json("/api/runs/2/resume", R"({"params": {"password": "p"}})");
    shown.visitor.post_json("/api/runs/2/cancel", "");
    shown.visitor.post_json("/api/runs/2/set", R"({"settings": {"rate": 100, "window": ""}})");
    shown.visitor.post_json("/api/runs/2/retry", R"({"class": "timeout", "keys": ["7", "8"]})");
    CHECK(shown.desk.asked() == Asked{"pause 2", "resume 2 password=p", "cancel 2", "set 2 rate=100 window", "retry 2 class=timeout key 7 key 8"});
}

TEST_CASE("a program that resumes a run says whether changes of its job are accepted") {
    Shown shown;
    shown.visitor.post_json("/api/runs/3/resume", R"({"accept_changes": true})");
    shown.visitor.post_json("/api/runs/3/resume", R"({"accept_changes": false})");
    CHECK(shown.desk.asked() == Asked{"resume with changes 3", "resume 3"});
    shown.desk.fail_with([] { throw run::JobChanged{"the statement has changed", "It can be accepted"}; });
    CHECK(shown.visitor.post_json("/api/runs/3/resume").status == 409);
}

TEST_CASE("what the API does not know is refused, so that no more is begun than was meant") {
    Shown shown;
    const auto refused = [&](const char* path, const char* body) {
        CAPTURE(body);
        const web::Response response = shown.visitor.post_json(path, body);
        CHECK(response.status == 400);
        return std::string{json_of(response).at("error").get_string()};
    };
    CHECK(refused("/api/runs/2/retry", R"({"key": "7"})").find("did you mean \"keys\"") != std::string::npos);
    refused("/api/runs/2/retry", R"({"keys": []})");
    refused("/api/runs/2/pause", R"({"params": {}})");
    refused("/api/runs/2/resume", R"({"accept_changes": "yes"})");
    refused("/api/jobs/import/runs", R"({"publisher_id": 7})");
    refused("/api/jobs/import/plan", R"({"parms": {"publisher_id": 7}})");
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("the API pages through dead letters") {
    Shown shown;
    const auto first = json_of(shown.visitor.get("/api/runs/1/dead-letters", {}, {{"most", "5"}}));
    CHECK(first.at("dead_letters").as_array().size() == 5);
    CHECK(first.at("more_after") == 1005);
    CHECK(first.at("dead_letters").at(0).at("item").at("title") == "Faust");
    const auto rest = json_of(shown.visitor.get("/api/runs/1/dead-letters", {}, {{"after", "1005"}}));
    CHECK(rest.at("dead_letters").as_array().size() == 7);
    CHECK(rest.at("more_after").is_null());
    CHECK(json_of(shown.visitor.get("/api/runs/1/dead-letters", {}, {{"class", "timeout"}})).at("dead_letters").as_array().size() == 4);
    CHECK(shown.visitor.get("/api/runs/1/dead-letters", {}, {{"after", "x"}}).status == 400);
    CHECK(shown.visitor.get("/api/runs/99/dead-letters").status == 404);
}

TEST_CASE("a run is followed as events by who asks for them, else as lines") {
    Shown shown;
    const auto type = [&](SiteVisitor::Headers headers) { return header(shown.visitor.get("/runs/2/progress", std::move(headers)), "Content-Type"); };
    CHECK(type({{"accept", "text/event-stream"}}) == "text/event-stream");
    CHECK(type({{"accept", "*/*"}}) == "text/plain; charset=utf-8");
    CHECK(type({{"accept", "text/plain"}}) == "text/plain; charset=utf-8");
    CHECK(type({}) == "text/plain; charset=utf-8");
    CHECK(shown.visitor.get("/runs/2/progress").stream->next());
}

TEST_CASE("runs are measured for Prometheus") {
    Shown shown;
    const web::Response response = shown.visitor.get("/metrics");
    CHECK(header(response, "Content-Type") == "text/plain; version=0.0.4; charset=utf-8");
    CHECK(has(response, "# TYPE rowmill_"));
}

TEST_CASE("an asset is sent again only where it has changed") {
    Shown shown;
    const web::Response first = shown.visitor.get("/assets/style.css");
    CHECK(first.status == 200);
    CHECK(header(first, "Content-Type").starts_with("text/css"));
    const web::Response again = shown.visitor.get("/assets/style.css", {{"if-none-match", header(first, "ETag")}});
    CHECK(again.status == 304);
    CHECK(again.body.empty());
    CHECK(shown.visitor.get("/assets/style.css", {{"if-none-match", "\"other\""}}).status == 200);
    CHECK(header(shown.visitor.get("/favicon.ico"), "Content-Type") == "image/svg+xml");
}

TEST_CASE("a login leads back to what was asked for") {
    Shown shown{{.token = "right"}};
    const web::Response asked = shown.visitor.get("/runs/1");
    CHECK(asked.status == 303);
    CHECK(header(asked, "Location") == "/login?to=%2Fruns%2F1");
    const web::Response form = shown.visitor.get("/login", {}, {{"to", "/runs/1"}});
    REQUIRE(has(form, "name=\"csrf\" value=\""));
    const std::size_t at = form.body.find("name=\"csrf\" value=\"") + 19;
    web::Request request = SiteVisitor::asking("POST", "/login", {{"content-type", "application/x-www-form-urlencoded"}, {"origin", "http://127.0.0.1:8080"}});
    const std::string csrf = form.body.substr(at, form.body.find('"', at) - at);
    request.body = "token=wrong&to=%2Fruns%2F1&csrf=" + csrf;
    CHECK(shown.visitor.send(request).status == 401);
    CHECK(shown.visitor.get("/runs/1").status == 303);
    request.body = "token=right&to=%2Fruns%2F1&csrf=" + csrf;
    const web::Response welcome = shown.visitor.send(request);
    CHECK(welcome.status == 303);
    CHECK(header(welcome, "Location") == "/runs/1");
    CHECK(shown.visitor.get("/runs/1").status == 200);
    CHECK(header(shown.visitor.get("/login", {}, {{"to", "/runs/1"}}), "Location") == "/runs/1");
    request.path = "/logout";
    CHECK(shown.visitor.send(request).status == 303);
    CHECK(shown.visitor.get("/runs/1").status == 303);
}

TEST_CASE("a read-only site shows everything and does nothing") {
    Shown shown{{.is_read_only = true}};
    for (const char* path : {"/", "/jobs/import", "/runs/2", "/api/runs"}) CHECK(shown.visitor.get(path).status == 200);
    CHECK_FALSE(has(shown.visitor.get("/runs/2"), "/runs/2/pause"));
    CHECK(shown.visitor.post_json("/api/jobs/nightly/runs").status == 403);
    CHECK(shown.visitor.post_json("/api/runs/2/pause").status == 403);
    CHECK(shown.desk.asked().empty());
}

TEST_CASE("what jobs, parameters, rows and errors say is text on a page, and never a part of it") {
    Shown shown;
    const std::string job = "/jobs/" + FakeDesk::hostile_name;
    const auto is_harmless = [](const web::Response& response) {
        CHECK(header(response, "Content-Type") == "text/html; charset=utf-8");
        for (const std::string part : {"<script>alert", "<img src=x", "</script><script>"}) {
            CAPTURE(part);
            CHECK_FALSE(has(response, part));
        }
    };
    const web::Response run = shown.visitor.get("/runs/6");
    for (const char* text : {"alert(&#39;rowmill&#39;)", "alert(&#39;row&#39;)", "alert(&#39;param&#39;)"}) {
        CAPTURE(text);
        CHECK(has(run, text));
    }
    for (const char* path : {"/", "/runs/6", "/jobs/torn", "/<script>alert(1)</script>"}) is_harmless(shown.visitor.get(path));
    is_harmless(shown.visitor.get(job));
    is_harmless(shown.visitor.get("/runs/6", {}, {{"class", test::hostile}}));
    is_harmless(shown.visitor.get("/runs/6", {}, {{"class", test::hostile}, {"after", test::hostile}}));
    is_harmless(shown.visitor.post(job, {{"a", test::hostile}, {test::hostile, test::hostile}}));
    is_harmless(shown.visitor.post("/jobs/import", {{"publisher_id", test::hostile}, {"mode", test::hostile}, {"label", test::hostile}}));
    is_harmless(shown.visitor.post("/jobs/import", {{"publisher_id", "7"}, {"label", test::hostile}, {"plan-only", "1"}}));
    shown.desk.fail_with([] { throw Error{ErrorKind::unreachable, test::hostile}; });
    is_harmless(shown.visitor.get("/runs/6"));
}

TEST_CASE("what rows and errors say is text in JSON too") {
    Shown shown;
    for (const char* path : {"/api/runs", "/api/jobs", "/api/runs/6", "/api/runs/6/dead-letters"}) json_of(shown.visitor.get(path));
    CHECK(json_of(shown.visitor.get("/api/runs/6/dead-letters")).at("dead_letters").at(0).at("error") == boost::json::value(test::hostile));
    CHECK(json_of(shown.visitor.get("/api/<script>alert(1)</script>")).contains("error"));
}
