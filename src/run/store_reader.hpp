#pragma once

#include "db/connector.hpp"
#include "store/store.hpp"

#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::run {

/// Looks at a run store, for those who work on none of its runs: over a few sessions that are kept, and replaced when they are lost.
/// Thread-safe; for any thread.
class StoreReader {
public:
    StoreReader(const db::Connector& connector, std::string schema);

    /// Calls `look`, which only reads, with the store, and returns what it does; where the connection is lost, once more with a new one.
    /// Throws Error{unreachable} where there is none to be had now, or the server is silent for seconds, and Error{usage} where there is no
    /// run store.
    template <typename Look>
    auto look(Look look) {
        std::optional<decltype(look(std::declval<store::Store&>()))> seen;
        look_with([&](store::Store& store) { seen = look(store); });
        return *std::move(seen);
    }

    /// What a lost connection is to those who look.
    Error unreachable(const Error& error) const;
    /// Makes sessions that give a server up which is silent for seconds.
    const db::Connector& connector() const { return connector_; }
    const std::string& schema() const { return schema_; }

private:
    void look_with(const std::function<void(store::Store&)>& look);
    std::unique_ptr<db::Session> take();
    std::unique_ptr<db::Session> connect() const;

    const db::Connector connector_;
    const std::string schema_;
    std::mutex mutex_;
    std::vector<std::unique_ptr<db::Session>> idle_;
};

}  // namespace rowmill::run
