#pragma once

#include "db/session.hpp"

#include <string>
#include <vector>

namespace rowmill::run {

/// What `doctor` found about a server, and what to do about it.
struct Finding {
    enum class Level : std::uint8_t { good, advice, problem };

    Level level = Level::good;
    std::string what;
    std::string remedy;  ///< empty: nothing to do
};

/// Asks the server about itself, our privileges and the settings that would hurt a run: version, read-only, autocommit
/// and init_connect, replication filters, binlog format, Galera, group replication, proxies, default engine, packet
/// size, PROCESS. Reads only.
std::vector<Finding> examine(db::Session& session, const std::string& store_schema);

}  // namespace rowmill::run
