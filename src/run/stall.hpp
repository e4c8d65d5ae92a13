#pragma once

#include "db/session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::run {

/// A statement that one of our sessions waits for.
struct Unanswered {
    std::chrono::seconds since{0};
    std::string state;  ///< in the server's words: "Waiting for someone to free space"; may be empty
};

/// Of what the sessions with these ids have waited for at least so long, the statement whose state says most: what the server
/// says to be waiting, else the longest. Asks the server.
std::optional<Unanswered> unanswered(db::Session& session, const std::vector<std::uint64_t>& ours,
                                     std::chrono::seconds at_least);

/// As it is shown behind "waiting: ".
std::string display(const Unanswered& statement);

}  // namespace rowmill::run
