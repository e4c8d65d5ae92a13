#pragma once

#include "throttle/throttle.hpp"

#include <chrono>
#include <memory>
#include <string>

namespace rowmill::throttle {

/// Waits unless a GET of the URL is answered with 2xx within the time, as freno and its like do. Throws Error{usage} for what is no
/// http or https URL. What is shown of it holds neither a password nor its query.
std::unique_ptr<Throttle> http_check(std::string url, std::chrono::milliseconds answer_within = std::chrono::seconds{5});

}  // namespace rowmill::throttle
