#pragma once

#include "db/session.hpp"

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowmill::run {

/// A statement that takes longer than this is worth a word.
inline constexpr std::chrono::seconds long_unanswered{3};

/// A session that has waited for the answer to a statement for at least so long.
struct Waiting {
    std::uint64_t id = 0;
    std::chrono::seconds since{0};
    std::string state;  ///< in the server's words: "Waiting for someone to free space"; may be empty
};

/// Those that our account may see, but for the one that asks.
std::vector<Waiting> waiting_sessions(db::Session& session);

/// Of ours, the one whose state says most: what the server says to be waiting, else the longest. Pure.
std::optional<Waiting> unanswered(const std::vector<Waiting>& sessions, const std::vector<std::uint64_t>& ours);

/// Why workers wait, where they can't tell it themselves, since what they tell is written to the same server: it is read-only
/// (for our account, which is taken for theirs), or waits for space. Empty where there is no such reason.
std::string why_nobody_can_tell(db::Session& session);

/// As it is shown behind "waiting: ".
std::string display(const Waiting& session);

}  // namespace rowmill::run
