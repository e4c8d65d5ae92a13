#include "throttle/window.hpp"

#include "throttle/opening_hours.hpp"

namespace rowmill::throttle {
namespace {

class Window : public Throttle {
public:
    Window(OpeningHours hours, WallClock now) : hours_{std::move(hours)}, now_{std::move(now)} {}

    std::string kind() const override { return "window"; }
    std::string asks() const override { return "the clock"; }
    Reading look() override {
        const auto now = now_();
        if (hours_.is_open(now)) return {};
        return {.strain = 2,
                .reason = "outside of the window " + hours_.display() + ", which opens at " +
                          hours_.display(hours_.next_opening(now))};
    }

private:
    OpeningHours hours_;
    WallClock now_;
};

}  // namespace

std::chrono::sys_seconds system_time() {
    return std::chrono::floor<std::chrono::seconds>(std::chrono::system_clock::now());
}

std::unique_ptr<Throttle> window(std::string_view hours, WallClock now) {
    return std::make_unique<Window>(OpeningHours::parse(hours), std::move(now));
}

}  // namespace rowmill::throttle
