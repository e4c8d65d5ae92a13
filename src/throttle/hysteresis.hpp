#pragma once

namespace rowmill::throttle {

/// Whether to wait, by one look after the other: from the first strain above 1 on, until one is below 0.8, or the third in a row is
/// not above 1. So a figure that hovers at its limit does not stop and start the run at each look. Pure.
class Hysteresis {
public:
    /// Whether to wait after this look.
    bool see(double strain);
    bool holds() const { return holds_; }

private:
    bool holds_ = false;
    unsigned good_looks_ = 0;
};

/// Whether something was so at two looks in a row: a single one may be a passing peak. Pure.
class Twice {
public:
    bool see(bool is_so) {
        const bool both = is_so && before_;
        before_ = is_so;
        return both;
    }

private:
    bool before_ = false;
};

}  // namespace rowmill::throttle
