#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::process {

/// What to start. No shell is involved.
struct Command {
    std::vector<std::string> arguments;    ///< the program first: a path, or a name to be found in PATH
    std::vector<std::string> environment;  ///< NAME=value, beside or instead of our own
    std::string folder{};                  ///< where it runs; empty: here
    bool input = false;                    ///< its stdin is a pipe from us; else /dev/null
};

/// How a child ended.
struct Ending {
    enum class Kind : std::uint8_t {
        exited,       ///< `number` is its exit code
        killed,       ///< `number` is the signal
        not_started,  ///< `number` is the errno, `what` the thing that it is about
        lost,         ///< its supervisor died; it was killed
    };
    Kind kind = Kind::exited;
    int number = 0;
    std::string what{};
    std::uint64_t input_taken = 0;  ///< bytes that were read of its stdin; where we closed it, all
};

/// What is told of a child, on the launcher's thread. Any may be empty. `ended` is called once, as the last.
struct Listener {
    std::function<void(std::string_view)> output{};  ///< a piece of what it wrote to stdout, as it came
    std::function<void(std::string_view)> errors{};  ///< to stderr
    /// Nothing reads its stdin any more, of which `taken` bytes were read. It may still run.
    std::function<void(std::uint64_t taken)> input_closed{};
    std::function<void(const Ending&)> ended{};
};

}  // namespace rowmill::process
