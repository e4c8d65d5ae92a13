#include "web/api_json.hpp"
#include "web/pages.hpp"
#include "web/routes.hpp"

#include <boost/json.hpp>

#include <algorithm>
#include <charconv>

namespace rowmill::web {
namespace {

namespace json_library = boost::json;

constexpr std::uint64_t usual_page = 100, largest_page = 1000;

/// A number of the query; `usual` where it is not there. Throws Problem for anything but a number.
std::uint64_t number(const Call& call, const std::string& name, std::uint64_t usual) {
    const auto found = call.request.query.find(name);
    if (found == call.request.query.end() || found->second.empty()) return usual;
    const std::string& text = found->second;
    std::uint64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) throw Problem{400, "\"" + name + "\" must be a number."};
    return value;
}

std::uint64_t page_size(const Call& call) {
    return std::clamp<std::uint64_t>(number(call, "most", usual_page), 1, largest_page);
}

Response start_run(const Place& place, const Call& call) {
    find_job(place, call.name);
    const store::RunId run = place.desk.start(call.name, texts_of(read_body(call.request, {"params"}), "params"));
    Response response = json(json_library::serialize(json_library::object{{"run", run}}) + "\n", 201);
    response.headers.emplace_back("Location", "/api/runs/" + std::to_string(run));
    return response;
}

Response plan_run(const Place& place, const Call& call) {
    find_job(place, call.name);
    return json(to_json(place.desk.plan(call.name, texts_of(read_body(call.request, {"params"}), "params"))));
}

Response list_runs(const Place& place, const Call& call) {
    return json(to_json(place.desk.runs(page_size(call))));
}

Response show_run(const Place& place, const Call& call) {
    if (const auto details = place.desk.details(call.run)) return json(to_json(*details));
    throw no_such_run(call.run);
}

Response list_letters(const Place& place, const Call& call) {
    if (!place.desk.run(call.run)) throw no_such_run(call.run);
    const auto error_class = call.request.query.find("class");
    const std::uint64_t most = page_size(call);
    auto letters = place.desk.dead_letters(call.run, error_class == call.request.query.end() ? "" : error_class->second,
                                           number(call, "after", 0), most + 1);
    std::optional<std::uint64_t> more_after;
    if (letters.size() > most) {
        letters.resize(most);
        more_after = letters.back().id;
    }
    return json(to_json(letters, more_after));
}

std::string set(const Place& place, const Call& call, const json_library::object& body) {
    job::Overrides settings;
    if (!body.contains("settings")) throw Problem{400, "Say what to set: {\"settings\": {\"rate\": 500}}."};
    for (const auto& [key, text] : texts_of(body, "settings")) settings.emplace_back(key, text);
    return place.desk.set(call.run, settings);
}

std::string resume(const Place& place, const Call& call, const json_library::object& body) {
    return place.desk.resume(call.run, texts_of(body, "params"), flag_of(body, "accept_changes"));
}

std::string retry(const Place& place, const Call& call, const json_library::object& body) {
    return place.desk.retry(call.run, text_of(body, "class"), list_of(body, "keys"), texts_of(body, "params"));
}

}  // namespace

void add_api_routes(Router& router, Place& place) {
    router.add("GET", "/api/jobs", [&](const Call&) { return json(to_json(place.desk.catalog().entries())); });
    router.add("GET", "/api/jobs/{name}", [&](const Call& call) { return json(to_json(find_job(place, call.name))); });
    router.add("POST", "/api/jobs/{name}/plan", [&](const Call& call) { return plan_run(place, call); });
    router.add("POST", "/api/jobs/{name}/runs", [&](const Call& call) { return start_run(place, call); });
    router.add("GET", "/api/runs", [&](const Call& call) { return list_runs(place, call); });
    router.add("GET", "/api/runs/{run}", [&](const Call& call) { return show_run(place, call); });
    router.add("GET", "/api/runs/{run}/dead-letters", [&](const Call& call) { return list_letters(place, call); });
    using Action = std::string (*)(const Place&, const Call&, const json_library::object&);
    const auto steering_at = [&](const std::string& verb, unsigned refused, const std::vector<std::string>& members, Action action) {
        router.add("POST", "/api/runs/{run}/" + verb, [&place, refused, members, action](const Call& call) {
            const json_library::object body = read_body(call.request, members);
            const std::string message = steer(place, call.run, refused, [&] { return action(place, call, body); });
            return json(json_library::serialize(json_library::object{{"message", message}}) + "\n");
        });
    };
    steering_at("pause", 409, {}, [](const Place& at, const Call& call, const json_library::object&) { return at.desk.pause(call.run); });
    steering_at("cancel", 409, {}, [](const Place& at, const Call& call, const json_library::object&) { return at.desk.cancel(call.run); });
    steering_at("resume", 409, {"params", "accept_changes"}, resume);
    steering_at("set", 422, {"settings"}, set);
    steering_at("retry", 409, {"class", "keys", "params"}, retry);
}

}  // namespace rowmill::web
