#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace rowmill::web {

/// Counts wrong tokens by where they came from: who has given too many of them within a minute is not listened to until it is over.
/// Thread-safe.
class Tries {
public:
    using Time = std::chrono::system_clock::time_point;
    static constexpr unsigned most = 10;
    static constexpr std::size_t most_peers = 1000;  ///< beyond these all others are counted as one

    bool may_try(const std::string& peer, Time now);
    void failed(const std::string& peer, Time now);

private:
    struct Count {
        unsigned failures = 0;
        Time since;
    };
    void forget_old(Time now);
    const std::string& known_as(const std::string& peer) const;

    std::mutex mutex_;
    std::map<std::string, Count> by_peer_;
};

}  // namespace rowmill::web
