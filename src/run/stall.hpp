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

/// A statement that a session waits for.
struct Unanswered {
    std::chrono::seconds since{0};
    std::string state;  ///< in the server's words: "Waiting for someone to free space"; may be empty
};

/// A session that is there.
struct Connected {
    std::uint64_t id = 0;
    std::optional<Unanswered> statement{};
};

/// Which of these sessions there are, and what they wait for. Asks the server.
std::vector<Connected> connected(db::Session& session, const std::vector<std::uint64_t>& ids);

/// Of what was waited for at least so long, the statement whose state says most: what the server says to be waiting, else the
/// longest. Pure.
std::optional<Unanswered> unanswered(const std::vector<Connected>& sessions, std::chrono::seconds at_least);

/// Why the workers with these sessions wait, where they can't tell it themselves, since what they tell is written to the same
/// server: it is read-only (for our account, which is taken for theirs), or waits for space. Empty where there is no such reason.
std::string why_nobody_can_tell(db::Session& session, const std::vector<std::uint64_t>& ids);

/// As it is shown behind "waiting: ".
std::string display(const Unanswered& statement);

}  // namespace rowmill::run
