#pragma once

#include "run/desk.hpp"
#include "web/guard.hpp"
#include "web/pages.hpp"
#include "web/problem.hpp"
#include "web/router.hpp"
#include "web/streams.hpp"

#include <functional>
#include <string>

namespace rowmill::web {

/// What the routes of a site are made of. It outlives them.
struct Place {
    run::Desk& desk;
    Guard& guard;
    Feeds& feeds;
    std::string program;
};

/// Pages, forms, login, assets.
void add_page_routes(Router& router, Place& place);
/// /api/…: JSON in and out.
void add_api_routes(Router& router, Place& place);
/// What follows runs: streams, metrics, health.
void add_watch_routes(Router& router, Place& place);

/// What is around every page that this visitor sees.
Frame frame_of(const Place& place, const Visitor& visitor);

/// Does it, and returns what came of it. Throws Problem: there is no such run (404), or it can't be done with it now (`refused`).
std::string steer(const Place& place, store::RunId run, unsigned refused, const std::function<std::string()>& action);

Problem no_such_run(store::RunId run);
/// Throws Problem where there is none of this name (404).
job::Job find_job(const Place& place, const std::string& name);

}  // namespace rowmill::web
