#include "engine/turns.hpp"

namespace rowmill::engine {
namespace {

constexpr std::uint64_t least_batches = 10;

}  // namespace

bool Turns::give_to(Whose whose) {
    if (whose == whose_) return false;
    whose_ = whose;
    seen_ = 0;
    return true;
}

bool Turns::worked() {
    ++seen_;
    return whose_ == Whose::size && seen_ >= batches_ && give_to(Whose::concurrency);
}

bool Turns::judged() {
    return whose_ == Whose::concurrency && seen_ >= least_batches && give_to(Whose::size);
}

bool Turns::took_far_too_long() {
    return give_to(Whose::size);
}

}  // namespace rowmill::engine
