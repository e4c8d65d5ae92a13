#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rowmill::process {

/// What rowmill and its supervisor say to each other.
struct Message {
    enum class Kind : std::uint8_t {
        start,        ///< start a child; as many descriptors as `number` says come with it
        stop,         ///< TERM to the child's group, KILL after `number` milliseconds
        started,      ///< `number` is its process id; said before it runs
        not_started,  ///< `number` is the errno, `text` what could not be done
        ended,        ///< the child and its group are gone; `number` is its wait status
    };

    Kind kind = Kind::start;
    std::uint64_t id = 0;  ///< of the child, chosen by rowmill
    std::int64_t number = 0;
    std::string text{};                      ///< start: the working folder; empty: the supervisor's own
    std::vector<std::string> arguments{};    ///< start: the command first
    std::vector<std::string> environment{};  ///< start: NAME=value, beside or instead of the supervisor's

    friend bool operator==(const Message&, const Message&) = default;
};

/// The message as a frame. Both ends are the same program on the same machine: numbers stand as the machine writes
/// them.
std::string encode(const Message& message);
/// Makes `number` that of a frame's message. Allocates nothing.
void set_number(std::string& frame, std::int64_t number);

/// Cuts a stream of bytes into messages.
class MessageBuffer {
public:
    void append(std::string_view bytes) { bytes_.append(bytes); }
    /// The next whole message, if there is one. Throws Error{internal} for bytes that are no frame.
    std::optional<Message> next();

private:
    std::string bytes_;
    std::size_t taken_ = 0;
};

}  // namespace rowmill::process
