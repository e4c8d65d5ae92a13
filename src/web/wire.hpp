#pragma once

#include "web/message.hpp"

#include <ctime>
#include <string>
#include <string_view>

namespace rowmill::web {

/// How an answer's body is told from what follows it.
enum class Framing : std::uint8_t {
    length,   ///< Content-Length
    chunked,  ///< Transfer-Encoding: chunked
    closing,  ///< until the connection ends: HTTP/1.0
};

/// What stands before a body, as it is sent. Line breaks and control characters of header values become blanks. Pure.
std::string head_of(const Response& response, Framing framing, bool keeps_alive, std::time_t now);

/// What stands before a chunk of so many bytes; it ends with a line break of its own.
std::string chunk_head(std::size_t bytes);
inline constexpr std::string_view chunk_end = "\r\n";
inline constexpr std::string_view last_chunk = "0\r\n\r\n";

/// "Not Found"
std::string_view reason_of(unsigned status);

/// For a request that could not be read.
Response refusal(unsigned status);

}  // namespace rowmill::web
