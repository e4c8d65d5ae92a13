#pragma once

#include "run/desk.hpp"
#include "web/guard.hpp"
#include "web/message.hpp"

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace rowmill::web {

struct SiteOptions {
    std::string program = "rowmill";
    GuardOptions guard{};
};

/// What is at which address, and who may go there: pages, the API, streams, metrics. Made of a desk, in the terms of messages alone.
/// Thread-safe.
class Site {
public:
    Site(run::Desk& desk, SiteOptions options);
    ~Site();

    /// With security headers, whatever the answer.
    Response answer(const Request& request);
    /// As `effort_of`, but nothing where the guard will refuse it: no stranger takes the place of who waits with good reason.
    Effort effort(const Request& request);
    /// Every method and address that it has an answer for: {"POST", "/api/runs/{run}/pause"}.
    std::vector<std::pair<std::string, std::string>> addresses() const;

private:
    struct Inside;
    std::unique_ptr<Inside> inside_;
};

/// How long a site may take to answer it: who tells a run something waits for the store, and for the run's workers; who begins one, or
/// goes on with one here, for its table too. Pure.
Effort effort_of(const Request& request);

}  // namespace rowmill::web
