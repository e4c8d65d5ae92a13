#pragma once

#include "engine/stopping.hpp"

#include <thread>

namespace rowmill::cli {

/// While it lives, SIGINT and SIGTERM ask `stopping`: the first one to drain, the second one to drop and leave at once.
/// Must be made before any other thread is, so that all of them leave the signals to its own.
class Signals {
public:
    explicit Signals(engine::Stopping& stopping);
    ~Signals();
    Signals(const Signals&) = delete;
    Signals& operator=(const Signals&) = delete;

private:
    std::jthread thread_;
};

}  // namespace rowmill::cli
