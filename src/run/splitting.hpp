#pragma once

#include "run/link.hpp"
#include "run/stretch.hpp"
#include "store/records.hpp"

#include <map>
#include <memory>
#include <mutex>
#include <optional>

namespace rowmill::run {

struct Mill;

/// Splits the sacks that this process works on, so that whoever has nothing to do gets the upper part of one: a sibling reader
/// at once, another process when it has asked for it through the store. On sessions of its own, made when they are needed.
/// Thread-safe.
class Splitting {
public:
    explicit Splitting(Mill& mill);

    void opened(const store::SackRecord& sack, std::shared_ptr<Stretch> stretch);
    void closed(store::SackId sack);

    /// Splits the sack with the most rows left to read; one of which that is not known is looked at first. False where
    /// none is worth it, or none can be had now.
    bool split_largest();
    /// Splits, or refuses to, what other workers have asked for; how many sacks came of it. One look at the store; where that is
    /// away it is left for the next time.
    unsigned answer_wishes();
    /// Cuts a claimed sack that no lane reads yet off behind `middle`; `below` of its rows stay. False where it is not ours any
    /// more.
    bool cut(const store::SackRecord& sack, const Key& middle, std::uint64_t below);

private:
    struct Open {
        store::SackId sack = 0;
        std::uint64_t fence = 0;
        std::uint64_t rows = 0;  ///< as the store has it; 0: not known
        std::shared_ptr<Stretch> stretch;
    };
    enum class Result : std::uint8_t { split, too_small, not_now };

    Result split(Open& open);
    std::optional<Key> try_split(Open& open, const Stretch::Left& left, Result& result);
    /// False where the sack is not ours any more.
    bool store_split(const Open& open, const Key& upto, const Key& middle, std::uint64_t below, std::uint64_t above);
    std::optional<Open> find(store::SackId sack) const;
    std::optional<Open> largest(const std::map<store::SackId, Result>& tried) const;
    void keep_rows(const Open& open);

    Mill& mill_;
    std::mutex splitting_;  ///< one split at a time; of the links
    Link reading_;
    Link store_;
    mutable std::mutex mutex_;
    std::map<store::SackId, Open> open_;
};

}  // namespace rowmill::run
