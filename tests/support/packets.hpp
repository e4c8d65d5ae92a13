#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace rowmill::test {

/// Cuts what a MySQL client sends into packets: three bytes of length, a sequence number, the payload.
class PacketReader {
public:
    void feed(std::string_view bytes) { bytes_.append(bytes); }
    /// The next whole packet with its header, or none before more bytes came.
    std::optional<std::string> next();

private:
    std::string bytes_;
};

/// The statement in a COM_QUERY or COM_STMT_PREPARE packet; none for other packets and those of the handshake.
std::optional<std::string_view> statement_of(std::string_view packet);

}  // namespace rowmill::test
