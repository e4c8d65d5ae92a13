#include "throttle/hysteresis.hpp"

namespace rowmill::throttle {
namespace {

constexpr double limit = 1, well_below = 0.8;
constexpr unsigned enough_good_looks = 3;

}  // namespace

bool Hysteresis::see(double strain) {
    good_looks_ = strain > limit ? 0 : good_looks_ + 1;
    if (!holds_)
        holds_ = strain > limit;
    else if (strain < well_below || good_looks_ >= enough_good_looks)
        holds_ = false;
    return holds_;
}

}  // namespace rowmill::throttle
