#pragma once

#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <string>

namespace rowmill::http {

/// Who may have a request under way: so many of each host at once, so many of all. The others wait, first come first
/// served, but for those whose host is full. Pure; not thread-safe.
class Turns {
public:
    using Id = std::uint64_t;

    Turns(unsigned per_host, unsigned overall) : per_host_{per_host}, overall_{overall} {}

    /// True: it may begin. False: it waits for `next` to name it.
    bool enter(Id id, const std::string& host);
    /// One that had begun is over.
    void leave(const std::string& host);
    /// One that waits does so no more.
    void forget(Id id);
    /// Who may begin now, counted in; none where nobody may.
    std::optional<Id> next();

private:
    struct Waiting {
        Id id;
        std::string host;
    };
    bool has_room(const std::string& host) const;
    void count_in(const std::string& host);

    unsigned per_host_, overall_;
    unsigned begun_ = 0;
    std::map<std::string, unsigned> begun_of_;
    std::list<Waiting> waiting_;
};

}  // namespace rowmill::http
