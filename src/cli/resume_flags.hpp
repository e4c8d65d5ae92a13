#pragma once

#include "cli/command.hpp"
#include "run/request.hpp"

#include <cstdint>
#include <optional>
#include <string>

namespace rowmill::cli {

/// Which run is to go on.
struct ResumeFlags {
    std::uint64_t run = 0;

    void add_to(CLI::App& command);
    /// Asks the run's live workers to go on, waits until they have taken it up, and says so. Where there are none, returns how to
    /// find the run's job, for who works it here. Workers that are about to leave are
    /// waited for; throws Busy where they take long, and Error{usage} where there is no such run, or it has ended.
    std::optional<std::string> ask(const ConnectionFlags& connection) const;
};

}  // namespace rowmill::cli
