#include "web/hall.hpp"

#include "web/wire.hpp"

#include <utility>

namespace rowmill::web {

// A connection waits for one answer at a time: there are never more requests than connections.
Hall::Hall(const Limits& limits_of_all, Handler answering, Estimate estimating)
    : limits{limits_of_all},
      handler{std::move(answering)},
      estimate{std::move(estimating)},
      crews{Crew{limits.quick_threads, limits.connections}, Crew{limits.look_threads, limits.connections},
            Crew{limits.steer_threads, limits.waiting_changes}, Crew{limits.begin_threads, limits.waiting_changes}} {}

Crew& Hall::admit(Request& request) {
    const auto crew_for = [this](Effort effort) { return &crews.at(static_cast<std::size_t>(effort)); };
    Crew* crew = crew_for(estimate(request));
    if (crew->requests >= crew->most) {
        request.is_one_too_many = true;
        crew = crew_for(Effort::none);
    }
    ++crew->requests;
    return *crew;
}

Response Hall::answer(Crew& crew, const Request& request) {
    Response response;
    try {
        response = handler(request);
    } catch (...) {  // what it says is for nobody outside
        response = refusal(500);
    }
    --crew.requests;
    return response;
}

}  // namespace rowmill::web
