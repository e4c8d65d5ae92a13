#pragma once

#include "support/fake_desk.hpp"
#include "support/raw_client.hpp"
#include "web/server.hpp"
#include "web/site.hpp"

#include <string>
#include <utility>

namespace rowmill::test {

/// A site over a desk in memory, served on a port of its own.
struct Served {
    explicit Served(web::Limits limits = {}, web::GuardOptions guard = {})
        : site{desk, {.guard = std::move(guard)}},
          server{{.address = {.host = "127.0.0.1", .port = 0}, .limits = limits},
                 [this](const web::Request& request) { return site.answer(request); },
                 [this](const web::Request& request) { return site.effort(request); }} {}

    RawAnswer ask(const std::string& request) {
        RawClient client{server.port()};
        client.send(request);
        return client.answer();
    }
    std::string origin() const { return "http://127.0.0.1:" + std::to_string(server.port()); }
    std::string host() const { return "127.0.0.1:" + std::to_string(server.port()); }

    FakeDesk desk;
    web::Site site;
    web::Server server;
};

}  // namespace rowmill::test
