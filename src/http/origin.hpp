#pragma once

#include <string>

namespace rowmill::http {

/// Where a URL leads, without who asks: "https://host:443". Throws Error{usage} for what is not an http or https URL
/// with a host; the message does not hold the URL, in which there may be a password.
std::string origin_of(const std::string& url);

}  // namespace rowmill::http
