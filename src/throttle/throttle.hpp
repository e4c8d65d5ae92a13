#pragma once

#include <chrono>
#include <optional>
#include <string>

namespace rowmill::throttle {

/// What a throttle sees at one look.
struct Reading {
    /// How near it is to its limit: 1 is the limit, above it the run is to wait; what is either so or not is 0 or 2.
    double strain = 0;
    std::string reason{};        ///< for people, whenever strain is not far below 1: "replica db2:3306 lags 3.2 s behind (max_lag 1 s)"
    std::string critical{};      ///< not empty: past the limit at which the run stops, and why
    std::optional<double> lag_seconds{};  ///< of the replica furthest behind, where this is about lag
};

/// A reason to wait, looked at again and again by one thread. An answer that can't be had throws Error, which is a reason to wait
/// too: throttles fail closed.
struct Throttle {
    virtual ~Throttle() = default;
    /// What its waits are added up by: "lag", "load", "query", "flag_file", "window", "http".
    virtual std::string kind() const = 0;
    /// How often it is worth a look.
    virtual std::chrono::milliseconds interval() const { return std::chrono::milliseconds{500}; }
    /// May take a while. Throws Error{usage} at the first look for what is wrong with the job (a status variable that there is
    /// not, no replica to be found).
    virtual Reading look() = 0;
    /// Whom the look under way asks, for people: "replica db2:3306". From any thread.
    virtual std::string asks() const = 0;
    /// Makes a look that is under way end soon, with an error; the next one is as if nothing had been. From any thread.
    virtual void interrupt() {}
};

/// For people, at most one decimal: "3.2", "25".
std::string display(double number);

}  // namespace rowmill::throttle
