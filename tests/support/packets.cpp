#include "support/packets.hpp"

namespace rowmill::test {
namespace {

constexpr std::size_t header_size = 4;
constexpr char com_query = 0x03;
constexpr char com_stmt_prepare = 0x16;

std::size_t byte_at(std::string_view bytes, std::size_t i) {
    return static_cast<unsigned char>(bytes[i]);
}

}  // namespace

std::optional<std::string> PacketReader::next() {
    if (bytes_.size() < header_size) return std::nullopt;
    const std::size_t size = header_size + (byte_at(bytes_, 0) | byte_at(bytes_, 1) << 8 | byte_at(bytes_, 2) << 16);
    if (bytes_.size() < size) return std::nullopt;
    std::string packet = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return packet;
}

std::optional<std::string_view> statement_of(std::string_view packet) {
    // A command starts a new sequence, so its number is 0; the client's part of the handshake begins at 1.
    if (packet.size() <= header_size || packet[3] != 0) return std::nullopt;
    if (packet[header_size] != com_query && packet[header_size] != com_stmt_prepare) return std::nullopt;
    return packet.substr(header_size + 1);
}

}  // namespace rowmill::test
