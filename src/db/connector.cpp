#include "db/connector.hpp"

namespace rowmill::db {

Connector::Connector(Endpoint endpoint, SessionSettings settings)
    : endpoint_{std::move(endpoint)}, settings_{std::move(settings)} {}

std::unique_ptr<Session> Connector::connect(bool writable) const {
    auto session = std::make_unique<Session>(endpoint_, settings_);
    if (writable && session->server().read_only) {
        throw Error{ErrorKind::failover, endpoint_.display() + " (" + session->server().display() +
                                             ") is read-only; rowmill needs the server that takes writes"};
    }
    return session;
}

}  // namespace rowmill::db
