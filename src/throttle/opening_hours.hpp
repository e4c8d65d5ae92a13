#pragma once

#include <chrono>
#include <string>
#include <string_view>

namespace date {
class time_zone;
}

namespace rowmill::throttle {

/// "HH:MM-HH:MM [ZONE]": a span of each day by the clocks of a zone, over midnight where it ends before it begins. Pure but for the
/// system's time zone data, which is read once.
class OpeningHours {
public:
    using Time = std::chrono::sys_seconds;

    /// Without a zone: that of TZ, else the system's. Throws Error{usage} for what is no window, and for a zone that is not known.
    static OpeningHours parse(std::string_view text);

    bool is_open(Time now) const;
    /// When it opens next after `now`. Where clocks are put forward over it, that may be another day.
    Time next_opening(Time now) const;
    /// "01:00-05:00 Europe/Berlin"
    const std::string& display() const { return text_; }
    /// A time by the zone's clocks: "2026-11-23 01:00 CET".
    std::string display(Time time) const;

private:
    std::chrono::minutes opens_{0}, closes_{0};  ///< by the clocks, since midnight
    const date::time_zone* zone_ = nullptr;
    std::string text_;
};

}  // namespace rowmill::throttle
