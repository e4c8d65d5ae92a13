#pragma once

#include "progress/program_name.hpp"

#include <optional>
#include <string>

namespace rowmill::progress {

/// Of what happened to single items, the first few lines: a terminal is no place for a million of them.
class FirstDetails {
public:
    /// The line to show, or that no more will be; absent: nothing.
    std::optional<std::string> next(const std::string& line) {
        if (shown_ > most) return {};
        if (++shown_ <= most) return line;
        return "more of these are not shown; --log-file keeps them all, and " + program_name() +
               " failures lists what was given up";
    }

private:
    static constexpr unsigned most = 8;
    unsigned shown_ = 0;
};

}  // namespace rowmill::progress
