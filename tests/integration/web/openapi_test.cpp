#include "support/fake_desk.hpp"
#include "support/visitor.hpp"

#include <boost/json.hpp>
#include <doctest/doctest.h>

#include <fstream>
#include <iterator>
#include <set>

using namespace rowmill;
namespace json = boost::json;

namespace {

json::object description() {
    std::ifstream file{ROWMILL_SOURCE_DIR "/docs/openapi.json"};
    return json::parse(std::string{std::istreambuf_iterator<char>{file}, {}}).as_object();
}

std::string text(const json::value& value) {
    return std::string{value.as_string()};
}

std::string filled_in(std::string path) {
    for (const auto& [name, value] : {std::pair<std::string, std::string>{"{run}", "2"}, {"{name}", "nightly"}})
        if (const std::size_t at = path.find(name); at != std::string::npos) path.replace(at, name.size(), value);
    return path;
}

/// The operations that are described, as "POST /api/runs/{run}/pause".
std::set<std::string> described(const json::object& api) {
    std::set<std::string> operations;
    for (const auto& [path, methods] : api.at("paths").as_object())
        for (const auto& [method, operation] : methods.as_object()) operations.insert((method == "get" ? "GET " : "POST ") + std::string{path});
    return operations;
}

/// Checks what an answer has against what its schema says that it has, all the way down.
void check_members(const json::object& schemas, const json::value& given, const json::value& answer) {
    const json::object& link = given.as_object();
    const std::string name = link.contains("$ref") ? text(link.at("$ref")).substr(21) : "";
    const json::object& schema = name.empty() ? link : schemas.at(name).as_object();
    if (answer.is_array()) {
        for (const json::value& element : answer.get_array()) check_members(schemas, schema.at("items"), element);
    }
    if (!answer.is_object() || !schema.contains("properties")) return;
    CAPTURE(name);
    for (const json::value& required : schema.at("required").as_array()) {
        CAPTURE(text(required));
        CHECK(answer.get_object().contains(required.as_string()));
    }
    for (const auto& [member, value] : answer.get_object()) {
        CAPTURE(std::string{member});
        REQUIRE(schema.at("properties").as_object().contains(member));
        check_members(schemas, schema.at("properties").at(member), value);
    }
}

/// Whether this status is described, with the type that the answer has.
bool is_described(const json::object& responses, const web::Response& response) {
    const json::value* described = responses.if_contains(std::to_string(response.status));
    const std::string type = test::header(response, "Content-Type");
    return described != nullptr && described->at("content").as_object().contains(type.substr(0, type.find(';')));
}

}  // namespace

TEST_CASE("what programs may ask for is described, all of it and nothing else") {
    test::FakeDesk desk;
    const web::Site site{desk, {}};
    std::set<std::string> there;
    for (const auto& [method, path] : site.addresses())
        if (path.starts_with("/api") || path.ends_with("/progress") || path == "/metrics" || path == "/healthz") there.insert(method + " " + path);
    CHECK(described(description()) == there);
}

TEST_CASE("what is described answers as it is described") {
    test::FakeDesk desk;
    web::Site site{desk, {}};
    test::SiteVisitor visitor{site};
    const json::object api = description();
    for (const auto& [path, methods] : api.at("paths").as_object()) {
        for (const auto& [method, operation] : methods.as_object()) {
            const std::string address = filled_in(path);
            CAPTURE(address);
            const std::string body = address.ends_with("/set") ? R"({"settings": {"rate": 500}})" : "{}";
            const web::Response response = method == "get" ? visitor.get(address) : visitor.post_json(address, body);
            const json::object& responses = operation.at("responses").as_object();
            REQUIRE(response.status / 100 == 2);
            REQUIRE(is_described(responses, response));
            const json::object& content = responses.at(std::to_string(response.status)).at("content").as_object();
            if (content.contains("application/json")) {
                check_members(api.at("components").at("schemas").as_object(), content.at("application/json").at("schema"), json::parse(response.body));
            }
            desk.fail_with([] { throw Error{ErrorKind::unreachable, "gone"}; });
            const web::Response without_store = method == "get" ? visitor.get(address) : visitor.post_json(address, body);
            desk.fail_with({});
            CHECK(without_store.status == (address.starts_with("/api/jobs") && method == "get" ? 200 : 503));
            CHECK(is_described(responses, without_store));
        }
    }
}
