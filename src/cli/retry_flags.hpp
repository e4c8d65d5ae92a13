#pragma once

#include "cli/command.hpp"
#include "run/request.hpp"

#include <cstdint>
#include <string>
#include <vector>

namespace rowmill::cli {

/// Which dead letters are to be tried again: those of a run, of one class, of some rows.
struct RetryFlags {
    std::uint64_t run = 0;
    std::string error_class;
    std::vector<std::string> keys;

    void add_to(CLI::App& command);

    /// What the store knows of the run: how to find its job again, and what is to be tried.
    struct Begun {
        std::string definition;
        run::Request::Retry retry;
    };
    /// Throws Error{usage} where there is no such run, or a key is none of its table.
    Begun find(const ConnectionFlags& connection) const;
};

}  // namespace rowmill::cli
