#include "run/store_reader.hpp"

#include "run/required.hpp"

#include <chrono>
#include <utility>

namespace rowmill::run {
namespace {

constexpr std::size_t most_idle = 4;

/// A look takes moments: a server that is silent for so long is not there, and whoever looks is not to wait for it for ever.
constexpr std::chrono::seconds longest_silence{10};

db::Connector impatient(const db::Connector& connector) {
    db::Endpoint endpoint = connector.endpoint();
    endpoint.answer_within = longest_silence;
    return {endpoint, connector.settings()};
}

bool is_lost(const Error& error) {
    return error.kind() == ErrorKind::disconnected || error.kind() == ErrorKind::overloaded || error.kind() == ErrorKind::failover;
}

}  // namespace

StoreReader::StoreReader(const db::Connector& connector, std::string schema)
    : connector_{impatient(connector)}, schema_{std::move(schema)} {}

void StoreReader::look_with(const std::function<void(store::Store&)>& look) {
    thread_local const db::ThreadScope scope;
    for (bool is_again = false;; is_again = true) {
        auto session = is_again ? connect() : take();
        store::Store store{*session, schema_};
        try {
            look(store);
        } catch (const Error& error) {
            if (!is_lost(error)) throw;
            if (is_again) throw unreachable(error);
            // What else is kept has most likely been lost with it.
            const std::lock_guard lock{mutex_};
            idle_.clear();
            continue;
        }
        const std::lock_guard lock{mutex_};
        if (idle_.size() < most_idle) idle_.push_back(std::move(session));
        return;
    }
}

std::unique_ptr<db::Session> StoreReader::take() {
    {
        const std::lock_guard lock{mutex_};
        if (!idle_.empty()) {
            auto session = std::move(idle_.back());
            idle_.pop_back();
            return session;
        }
    }
    return connect();
}

std::unique_ptr<db::Session> StoreReader::connect() const {
    try {
        auto session = connector_.connect(false);
        store::Store store{*session, schema_};
        require_store(store, connector_);
        return session;
    } catch (const Error& error) {
        if (!is_lost(error)) throw;
        throw unreachable(error);
    }
}

Error StoreReader::unreachable(const Error& error) const {
    std::string why = error.what();
    // Which of our statements it was says nothing to who looks.
    if (!error.statement.empty()) why = why.substr(0, why.find(" in: "));
    return Error{ErrorKind::unreachable, "the run store on " + connector_.endpoint().display() + " can't be reached now: " + why};
}

}  // namespace rowmill::run
