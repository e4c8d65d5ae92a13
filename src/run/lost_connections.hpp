#pragma once

#include "db/session.hpp"
#include "engine/clock.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rowmill::run {

/// Connections that were lost on our side. The server may not have noticed: until it does, which can take it hours, their
/// transactions stay open and keep their row locks, and work that is done again would wait for them in vain. So the next
/// session with the same server ends them. Not thread-safe.
class LostConnections {
public:
    /// `since`: when the session was made.
    void add(const db::Session& session, engine::TimePoint since);
    /// KILLs them on `session`, as far as they were on its server and that server has surely not been started anew since: ids
    /// are a server's own, and begin again with it (for two seconds after its start it is not sure). What may not or can't be
    /// killed is forgotten. Throws where `session` is lost.
    void end(db::Session& session, engine::TimePoint now);

private:
    struct Lost {
        std::uint64_t id = 0;
        std::string server;
        engine::TimePoint since;
    };
    std::vector<Lost> lost_;
};

}  // namespace rowmill::run
