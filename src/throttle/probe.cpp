#include "throttle/probe.hpp"

#include "item/error_kind.hpp"

namespace rowmill::throttle {
namespace {

constexpr std::chrono::seconds connect_within{2}, answer_within{5};

db::Connector impatient(const db::Connector& connector) {
    db::Endpoint endpoint = connector.endpoint();
    endpoint.connect_timeout = std::min<std::chrono::milliseconds>(endpoint.connect_timeout, connect_within);
    endpoint.answer_within = answer_within;
    return {std::move(endpoint), connector.settings()};
}

std::string place_of(db::Endpoint endpoint) {
    endpoint.user.clear();
    endpoint.database.clear();
    return endpoint.display();
}

}  // namespace

Probe::Probe(db::Connector connector) : connector_{impatient(connector)}, place_{place_of(connector.endpoint())} {}

db::Session& Probe::session() {
    if (!session_) session_ = connector_.connect();
    return *session_;
}

db::ResultSet Probe::ask(std::string_view sql) {
    const bool is_fresh = session_ == nullptr;
    try {
        return ask_once(sql);
    } catch (const Error& error) {
        if (session_ && session_->usable()) throw;
        session_.reset();
        // One that was kept may have been lost long ago, and says nothing of the server now.
        if (is_fresh || !is_lost_connection(error.kind())) throw;
    }
    return ask_once(sql);
}

db::ResultSet Probe::ask_once(std::string_view sql) {
    db::Session& asked = session();
    const auto set = [this](db::Session* to) {
        const std::lock_guard lock{mutex_};
        asked_ = to;
    };
    set(&asked);
    const auto forget = [&](void*) { set(nullptr); };
    const std::unique_ptr<void, decltype(forget)> answered{this, forget};
    return asked.query(sql);
}

void Probe::interrupt() {
    const db::ThreadScope scope;
    const std::lock_guard lock{mutex_};
    if (asked_ != nullptr) asked_->interrupt();
}

}  // namespace rowmill::throttle
