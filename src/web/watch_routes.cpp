#include "progress/metrics.hpp"
#include "web/routes.hpp"

#include <rowmill/error.hpp>

namespace rowmill::web {
namespace {

constexpr std::size_t runs_measured = 200;

/// Events for who asks for them, and for everybody else lines: a terminal, a browser that was given the address.
Feeds::Kind kind_for(const Request& request) {
    const bool wants_events = request.header("accept").value_or("").find("text/event-stream") != std::string::npos;
    return wants_events ? Feeds::Kind::events : Feeds::Kind::lines;
}

Response follow(const Place& place, const Call& call) {
    const auto channel = place.desk.watch(call.run);
    if (!channel) throw no_such_run(call.run);
    const Feeds::Kind kind = kind_for(call.request);
    Response response;
    response.headers.emplace_back("Content-Type", kind == Feeds::Kind::events ? "text/event-stream" : "text/plain; charset=utf-8");
    response.headers.emplace_back("X-Accel-Buffering", "no");  // a proxy that would keep lines until it has many of them
    response.stream = place.feeds.follow(channel, kind, call.request.header("last-event-id"));
    return response;
}

Response measure(const Place& place) {
    Response response = text(progress::to_metrics(place.desk.runs(runs_measured)));
    response.headers.front().second = "text/plain; version=0.0.4; charset=utf-8";
    return response;
}

/// Whether it can do its work, which it can't without its store.
Response tell_health(const Place& place) {
    try {
        place.desk.runs(1);
        return text("ok\n");
    } catch (const Error&) {
        // Anybody may ask. Where the store is, and as whom it is asked, is for those alone who have the token, where there is one.
        if (!place.guard.wants_login()) throw;
        throw Problem{503, "The run store can't be reached."};
    }
}

}  // namespace

void add_watch_routes(Router& router, Place& place) {
    router.add("GET", "/runs/{run}/progress", [&](const Call& call) { return follow(place, call); });
    router.add("GET", "/metrics", [&](const Call&) { return measure(place); });
    router.add("GET", "/healthz", [&](const Call&) { return tell_health(place); });
}

}  // namespace rowmill::web
