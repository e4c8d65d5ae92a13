#include "engine/adaptation.hpp"

namespace rowmill::engine {
namespace {

/// What a cut does must show before there is another one.
constexpr Duration between_cuts{300};
/// A size moves after so many batches of its reader.
constexpr std::uint64_t batches_a_size = 10;

}  // namespace

void Adaptation::begin(GradientLimit::Bounds bounds, std::uint64_t sizes) {
    const std::lock_guard lock{mutex_};
    limit_.emplace(bounds);
    cut_at_.reset();
    is_on_ = true;
    take_turns_with(sizes);
    apply_limit(turn_began_);
}

void Adaptation::take_turns_with(std::uint64_t sizes) {
    turns_.reset();
    if (sizes > 0) turns_.emplace(sizes * batches_a_size);
    turn_began_ = clock_.now();
}

void Adaptation::set_sizes(std::uint64_t sizes) {
    const std::lock_guard lock{mutex_};
    take_turns_with(sizes);
}

void Adaptation::end() {
    const std::lock_guard lock{mutex_};
    is_on_ = false;
    limit_.reset();
}

void Adaptation::called(const LoadWindow::Piece& call) {
    const std::lock_guard lock{mutex_};
    if (limit_) add(call);
}

bool Adaptation::worked(const LoadWindow::Piece& batch, bool too_long) {
    const std::lock_guard lock{mutex_};
    if (!limit_ || !turns_) {
        if (limit_) add(batch);
        return true;
    }
    if (too_long) {
        if (turns_->took_far_too_long()) turn_began_ = batch.ended;
        return true;
    }
    // What was begun in the other's turn is of neither.
    if (batch.began < turn_began_) return false;
    const bool is_sizes = turns_->whose() == Turns::Whose::size;
    const bool is_over = turns_->worked();
    if (!is_sizes) {
        add(batch);
        return false;
    }
    if (is_over) {
        turn_began_ = batch.ended;
        window_.begin(turn_began_, limit_->limit());
    }
    return true;
}

void Adaptation::add(const LoadWindow::Piece& piece) {
    if (!window_.add(piece)) return;
    limit_->sample(window_.sample());
    apply_limit(piece.ended);
    if (turns_ && turns_->judged()) turn_began_ = piece.ended;
}

void Adaptation::strain(double strain) {
    const std::lock_guard lock{mutex_};
    if (!limit_) return;
    const TimePoint now = clock_.now();
    const bool is_soon = cut_at_ && now - *cut_at_ < between_cuts;
    if (is_soon && strain >= GradientLimit::near_limit) return;
    const std::uint64_t before = limit_->limit();
    limit_->strain(strain);
    if (limit_->limit() == before) return;
    cut_at_ = now;
    apply_limit(now);
}

void Adaptation::apply_limit(TimePoint now) {
    apply_(limit_->limit());
    window_.begin(now, limit_->limit());
}

}  // namespace rowmill::engine
