#pragma once

#include "store/records.hpp"
#include "web/guard.hpp"
#include "web/message.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::web {

/// A request that has found its place.
struct Call {
    const Request& request;
    const Visitor& visitor;
    std::string name{};    ///< what stands for {name}
    store::RunId run = 0;  ///< what stands for {run}
};

/// What is at which address.
class Router {
public:
    using Answer = std::function<Response(const Call&)>;
    struct Route {
        std::string method, pattern;
        Answer answer;
    };

    /// "/runs/{run}/pause": {run} is a number, {name} any one part. A route for GET answers HEAD too.
    void add(std::string method, std::string pattern, Answer answer);
    /// Throws Problem where there is nothing at this path (404), or nothing for this method (405).
    Response answer(const Request& request, const Visitor& visitor) const;
    const std::vector<Route>& routes() const { return routes_; }

private:
    std::vector<Route> routes_;
};

}  // namespace rowmill::web
