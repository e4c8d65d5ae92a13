#pragma once

#include "support/descriptor.hpp"

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

namespace rowmill::test {

/// An answer as it came.
struct RawAnswer {
    unsigned status = 0;
    std::string head;  ///< with its status line
    std::string body;  ///< chunks put together

    /// The first of this name, in any letters; empty: none.
    std::string header(std::string_view name) const;
};

/// A client that sends just these bytes to a port of this host, and reads what comes.
class RawClient {
public:
    explicit RawClient(std::uint16_t port);

    /// False: the other side takes no more.
    bool send(std::string_view bytes);
    void send_end();  ///< nothing more will be sent; what comes is read on
    void close() { socket_.close(); }
    void reset();     ///< ends the connection with RST

    /// The next answer, read to its end. Status 0: there came none within the time, or not the whole of it.
    RawAnswer answer(bool to_head = false, std::chrono::milliseconds limit = std::chrono::seconds{20});
    /// Reads on until `text` has come; false: it did not.
    bool read_until(std::string_view text, std::chrono::milliseconds limit = std::chrono::seconds{20});
    /// Reads what there is, or comes within the time; false: nothing, or the end.
    bool read_more_within(std::chrono::milliseconds limit);
    /// Whether the other side ends the connection within the time, whatever it sends before.
    bool is_ended(std::chrono::milliseconds limit = std::chrono::seconds{20});
    /// What has come and was not yet taken by `answer`.
    const std::string& read() const { return read_; }

private:
    bool read_more(std::chrono::steady_clock::time_point until);

    Descriptor socket_;
    std::string read_;
    bool at_end_ = false;
};

/// "GET /path HTTP/1.1" with the Host of this port, and these further lines (each with its line break).
std::string get(std::string_view path, std::uint16_t port, std::string_view more = {});

}  // namespace rowmill::test
