#pragma once

#include <cstdint>

namespace rowmill::engine {

/// Whose turn it is to move, where both the size of batches and how many are at work at once adapt: what one of them does
/// would mislead the other. Pure; not thread-safe.
class Turns {
public:
    enum class Whose : std::uint8_t { size, concurrency };

    /// `batches` for a turn of the size; that of concurrency takes until it has judged, but no fewer than ten.
    explicit Turns(std::uint64_t batches) : batches_{batches} {}

    Whose whose() const { return whose_; }
    /// A batch that was begun within this turn has been worked on. True where that gives the turn to the other one.
    bool worked();
    /// Concurrency has judged, and may have moved. True where it had seen enough batches, and the size has the turn now.
    bool judged();
    /// A batch took far too long: the size must shrink at once, whosever turn it is. True where that gives it the turn.
    bool took_far_too_long();

private:
    bool give_to(Whose whose);

    std::uint64_t batches_;
    Whose whose_ = Whose::size;
    std::uint64_t seen_ = 0;
};

}  // namespace rowmill::engine
