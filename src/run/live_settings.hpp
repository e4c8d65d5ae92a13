#pragma once

#include "job/read.hpp"

#include <map>
#include <string>

namespace rowmill::run {

/// What was changed of a run's settings while it was on, key by key, as it was typed: `runs.live_settings`, JSON.
using LiveSettings = std::map<std::string, std::string>;

std::string encode(const LiveSettings& settings);
/// Whatever is not a text under a key is left out.
LiveSettings decode_live_settings(const std::string& json);

/// Those of `now` that are not in `before`, or differ.
job::Overrides changes(const LiveSettings& before, const LiveSettings& now);
/// For people: "rate=500 max_lag=2s no window".
std::string display(const job::Overrides& settings);

}  // namespace rowmill::run
