#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>

namespace rowmill {

/// What became of an item. An outcome is a value, never an exception.
struct Outcome {
    enum class Kind : std::uint8_t { success, skip, retry, failure };

    Kind kind = Kind::success;
    std::string reason;      ///< for people; empty for a success
    std::string error_class; ///< a short name to group failures by: "1062", "exit 1", "timeout"
    std::optional<std::chrono::milliseconds> delay;  ///< retry: not before; such a wait uses up no attempt

    friend bool operator==(const Outcome&, const Outcome&) = default;
};

inline Outcome success() { return {}; }
inline Outcome skip(std::string reason = {}) { return {Outcome::Kind::skip, std::move(reason), {}, {}}; }
inline Outcome retry(std::string reason, std::optional<std::chrono::milliseconds> delay = {}) {
    return {Outcome::Kind::retry, std::move(reason), {}, delay};
}
inline Outcome failure(std::string reason, std::string error_class = {}) {
    return {Outcome::Kind::failure, std::move(reason), std::move(error_class), {}};
}

}  // namespace rowmill
