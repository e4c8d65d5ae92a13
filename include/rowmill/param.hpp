#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace rowmill {

/// How a parameter of a job is given: `{.otherwise = 320}`. With nothing said it must be given. Its type is
/// std::int64_t, double, bool or std::string.
template <typename Type>
struct Param;

template <>
struct Param<std::int64_t> {
    std::optional<std::int64_t> otherwise{};  ///< its value where it is not given
    bool optional = false;                    ///< NULL where it is not given
    bool secret = false;                      ///< masked wherever it would be shown
    std::optional<std::int64_t> least{}, most{};
};

template <>
struct Param<double> {
    std::optional<double> otherwise{};
    bool optional = false;
    bool secret = false;
    std::optional<double> least{}, most{};
};

template <>
struct Param<bool> {
    std::optional<bool> otherwise{};
    bool optional = false;
    bool secret = false;
};

template <>
struct Param<std::string> {
    std::optional<std::string> otherwise{};
    bool optional = false;
    bool secret = false;
    std::vector<std::string> choices{};  ///< it must be one of these; empty: any text
};

}  // namespace rowmill
